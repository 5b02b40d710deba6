"""`slipher mount`, `unmount`, `mounts`: buckets and tables whose content is behind another endpoint.

They ask the running gateway by its private door: a unix socket in the data directory, which only the directory's owner can open.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from slipher.host.datadir import DataDirectory, StartError
from slipher.host.options import DataDir, directory_of, fail

PATH = "/_slipher/mounts"
Service = Annotated[str, typer.Argument(help="s3 or dynamodb.")]
Name = Annotated[str, typer.Argument(help="The bucket's or table's name here.")]


def ask(directory: DataDirectory, method: str, given: dict[str, Any]) -> dict[str, Any]:
    """The gateway's answer; StartError with its reason if it refuses."""
    if directory.holder() is None:
        raise StartError(f"no Slipher runs on {directory.root}: start it with `slipher up`")
    from urllib3.exceptions import HTTPError

    from slipher.warehouse.endpoint import Endpoint

    door = Endpoint("http://localhost", directory.run / "gateway.sock")
    headers = {"content-type": "application/json"}
    try:
        response = door.request(method, door.url + PATH, body=json.dumps(given).encode(), headers=headers)
        answer: dict[str, Any] = json.loads(response.data)
    except (HTTPError, ValueError) as error:
        raise StartError(f"the gateway does not answer: {error}") from error
    if response.status != 200:
        raise StartError(str(answer.get("error")))
    return answer


def shown(one: dict[str, str]) -> str:
    """A line for people."""
    ours = f"{one['service']}  {one['name']}"
    return f"{ours}  ->  {one['remote']} at {one['endpoint']} ({one['region']}), key {one['access_key_id']}"


def _run(data_dir: Path | None, method: str, given: dict[str, Any]) -> dict[str, Any]:
    try:
        return ask(directory_of(data_dir), method, given)
    except StartError as error:
        fail(str(error))


def mount(
    service: Service,
    name: Name,
    endpoint: Annotated[str, typer.Option(help="URL of the S3 or DynamoDB that has the content.")],
    access_key_id: Annotated[str, typer.Option(help="The key that requests to it are signed with.")],
    secret_access_key: Annotated[
        str,
        typer.Option(
            envvar="SLIPHER_MOUNT_SECRET",
            prompt=True,
            hide_input=True,
            help="Its secret. Asked for, if it is neither here nor in the variable; kept encrypted, shown nowhere.",
        ),
    ],
    remote: Annotated[str | None, typer.Option(help="The bucket's or table's name there, if it is another.")] = None,
    region: Annotated[str | None, typer.Option(help="Region to sign for, if it is not the instance's.")] = None,
    style: Annotated[str, typer.Option(help="Where a bucket's name stands: path or host.")] = "path",
    data_dir: DataDir = None,
) -> None:
    """Show a bucket of another S3 endpoint, or a table of another DynamoDB, as one of ours.

    Users, roles and policies decide here; then the request goes on, signed with the key. The instance must be running.
    """
    given = {
        "service": service,
        "name": name,
        "endpoint": endpoint,
        "remote": remote,
        "region": region,
        "style": style,
        "access_key_id": access_key_id,
        "secret_access_key": secret_access_key,
    }
    typer.echo(shown(_run(data_dir, "PUT", given)["mount"]))


def unmount(service: Service, name: Name, data_dir: DataDir = None) -> None:
    """End a mount: the name goes, the content stays where it is."""
    _run(data_dir, "DELETE", {"service": service, "name": name})


def mounts(data_dir: DataDir = None, format: Annotated[str, typer.Option(help="text or json.")] = "text") -> None:
    """Show what is mounted."""
    found = _run(data_dir, "GET", {})["mounts"]
    if format == "json":
        typer.echo(json.dumps(found, indent=2))
        return
    for one in found:
        typer.echo(shown(one))
