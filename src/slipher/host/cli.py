"""The `slipher` command."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from slipher.base.places import url_of
from slipher.host.datadir import DataDirectory, StartError
from slipher.host.ephemeral import fresh_directory
from slipher.host.memory import LEAST as LEAST_MEMORY, memory_bytes
from slipher.host.mounting import mount, mounts, unmount
from slipher.host.options import DataDir, directory_of as _directory, fail as _fail
from slipher.host.orphans import is_ours
from slipher.host.ready import launch, wait_ready

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="An Amazon-Redshift-compatible data warehouse that you run yourself.",
)

ELSEWHERE = "Where clusters find {}: embedded (default), aws, or aws:URL for what stands for it."
CLUSTER_HELP = "Another cluster than the first one: its identifier, or REGION/IDENTIFIER."


@app.command()
def up(
    data_dir: DataDir = None,
    bind: Annotated[
        str | None, typer.Option(help="Address to listen on (default 127.0.0.1: this machine only).")
    ] = None,
    aws_port: Annotated[
        int | None, typer.Option(help="Port of the AWS endpoint (default 4566, 0 = any free one).")
    ] = None,
    sql_port: Annotated[
        int | None, typer.Option(help="Port of the first cluster (default 5439, 0 = any free one).")
    ] = None,
    account: Annotated[str | None, typer.Option(help="AWS account id of a new data directory (123456789012).")] = None,
    region: Annotated[str | None, typer.Option(help="Region of a new data directory (us-east-1).")] = None,
    transition_seconds: Annotated[
        float | None, typer.Option(help="How long changes of a cluster (modifying, rebooting ...) last; default 0.")
    ] = None,
    throttle: Annotated[
        bool | None,
        typer.Option(
            "--throttle/--no-throttle", help="Refuse requests to the Data API beyond the rates of AWS; default no."
        ),
    ] = None,
    automated_snapshots: Annotated[
        bool | None,
        typer.Option(
            "--automated-snapshots/--no-automated-snapshots",
            help="Make automated snapshots of clusters when they are due; default yes.",
        ),
    ] = None,
    memory: Annotated[
        str | None,
        typer.Option(
            envvar="SLIPHER_MEMORY",
            help="Memory of each cluster's engine, such as 512MB or 4GB (auto: 60% of the machine's).",
        ),
    ] = None,
    s3: Annotated[str | None, typer.Option("--s3", help=ELSEWHERE.format("S3"))] = None,
    dynamodb: Annotated[str | None, typer.Option("--dynamodb", help=ELSEWHERE.format("DynamoDB"))] = None,
    sts: Annotated[
        str | None, typer.Option("--sts", help="Where roles are assumed for what is at AWS: aws (default) or aws:URL.")
    ] = None,
    aws_profile: Annotated[
        str | None, typer.Option(help="AWS profile of the credentials that those roles are assumed with.")
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Return when ready; stop it with `slipher down`.")] = False,
    ephemeral: Annotated[
        bool, typer.Option("--ephemeral", help="Use a fresh directory and any free ports; remove it at the end.")
    ] = False,
) -> None:
    """Start the gateway and the clusters; prints `ready` with the endpoints.

    What is asked for here is kept in the data directory, for the next start. Without --detach it stays until Ctrl-C.
    """
    if memory is not None and memory != "auto" and memory_bytes(memory) < LEAST_MEMORY:
        _fail(
            f"--memory takes a size of {LEAST_MEMORY // 10**6}MB or more, such as 512MB or 4GB, or auto; not {memory}"
        )
    for service, place in (("s3", s3), ("dynamodb", dynamodb), ("sts", sts)):
        try:
            if place is not None and url_of(service, place) is None and service == "sts":
                raise ValueError("sts is aws or aws:URL: it is asked only for what is at AWS")
        except ValueError as error:
            _fail(f"--{service}: {error}")
    if ephemeral:
        if data_dir is not None:
            _fail("--ephemeral makes its own directory: leave --data-dir out")
        data_dir = fresh_directory()
        aws_port = 0 if aws_port is None else aws_port
        sql_port = 0 if sql_port is None else sql_port
    directory = _directory(data_dir)
    arguments: list[str] = []
    for name, value in (
        ("--bind", bind),
        ("--aws-port", aws_port),
        ("--sql-port", sql_port),
        ("--account", account),
        ("--region", region),
        ("--transition-seconds", transition_seconds),
        ("--throttle", throttle),
        ("--automated-snapshots", automated_snapshots),
        ("--memory", memory),
        ("--s3", s3),
        ("--dynamodb", dynamodb),
        ("--sts", sts),
        ("--aws-profile", aws_profile),
    ):
        if value is not None:
            arguments += [name, str(value)]
    if ephemeral:
        arguments.append("--ephemeral")
    _start(directory, arguments, detach)


def _start(directory: DataDirectory, arguments: list[str], detach: bool) -> None:
    """Start the supervisor as a child, wait until it is ready, then return or stay with it."""
    try:
        process, start = launch(directory, arguments, attached=not detach)
        if not detach:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, lambda *_: process.terminate())
        state = wait_ready(directory, process, start)
    except StartError as error:
        if "--ephemeral" in arguments:
            shutil.rmtree(directory.root, ignore_errors=True)
        _fail(str(error))
    typer.echo("ready")
    typer.echo(f"  AWS endpoint  {state['gateway']['endpoint']}")
    for row in state["clusters"]:
        broken = f"  NOT RUNNING: {row['error']}" if row.get("error") else ""
        typer.echo(f"  cluster       {row['id']}  {row['endpoint']}  database {row['database']}{broken}")
    typer.echo(f"  data          {directory.root}")
    typer.echo(f"  console       slipher console --data-dir {directory.root}")
    typer.echo(f'  clients       eval "$(slipher env --data-dir {directory.root})"')
    sys.stdout.flush()
    if not detach and process.wait() != 0:
        _fail(f"the supervisor ended unexpectedly; see {directory.logs}")


@app.command()
def env(
    data_dir: DataDir = None,
    cluster: Annotated[str | None, typer.Option(help=CLUSTER_HELP)] = None,
    format: Annotated[str, typer.Option(help="sh, json or dotenv.")] = "sh",
    https: Annotated[
        bool, typer.Option("--https", help="The AWS endpoint's URL as https; the port is the same.")
    ] = False,
) -> None:
    """Print the environment that points clients at the running instance: eval "$(slipher env)".

    The password is that of the first cluster's administrator; for another cluster it is empty: only who made it knows.
    """
    from slipher.host.env import render, variables

    if format not in ("sh", "json", "dotenv"):
        _fail(f"--format takes sh, json or dotenv, not {format}")
    try:
        typer.echo(render(variables(_directory(data_dir), cluster, https=https), format))
    except StartError as error:
        _fail(str(error))


@app.command()
def status(data_dir: DataDir = None, format: Annotated[str, typer.Option(help="text or json.")] = "text") -> None:
    """Show what runs where, and why what should run does not. Exit status 1 where nothing runs."""
    directory = _directory(data_dir)
    if directory.holder() is None:
        _fail(f"no Slipher runs on {directory.root}: start it with `slipher up`")
    state = directory.state()
    report = {
        "gateway": state["gateway"],
        "supervisor": state["supervisor"],
        "clusters": [
            {key: row.get(key) for key in ("id", "pid", "status", "endpoint", "region", "error")}
            for row in state["clusters"]
        ],
    }
    if format == "json":
        typer.echo(json.dumps(report, indent=2))
        return
    typer.echo(f"supervisor  pid {report['supervisor']['pid']}")
    gateway = report["gateway"]
    typer.echo(f"gateway     pid {gateway['pid']}  {gateway['endpoint']}  {gateway.get('error') or ''}".rstrip())
    for row in report["clusters"]:
        typer.echo(
            f"cluster     {row['id']}  {row['status']}  pid {row['pid'] or '-'}  {row['endpoint']}  "
            f"{row['region']}  {row['error'] or ''}".rstrip()
        )


@app.command()
def down(data_dir: DataDir = None) -> None:
    """Stop the instance; returns when it has stopped. Where nothing runs it says so, and is content."""
    directory = _directory(data_dir)
    pid = directory.holder()
    if pid is None:
        typer.echo(f"nothing runs on {directory.root}")
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 60
    while directory.holder() is not None or is_ours(pid, directory):
        if time.monotonic() > deadline:
            _fail(f"supervisor {pid} has not stopped after 60 seconds; see {directory.logs}")
        time.sleep(0.02)


def _client(command: list[str], data_dir: Path | None, cluster: str | None = None) -> None:
    """Become another program, with the instance's environment."""
    from slipher.host.env import UNSET, variables

    try:
        values = variables(_directory(data_dir), cluster)
    except StartError as error:
        _fail(str(error))
    environment = {name: value for name, value in os.environ.items() if name not in UNSET} | values
    if command[0] == "aws":
        command = [command[0], "--endpoint-url", values["AWS_ENDPOINT_URL"], *command[1:]]
    beside = Path(sys.executable).with_name(command[0])
    program = str(beside) if beside.exists() else shutil.which(command[0])
    if program is None:
        _fail(f"{command[0]} is not installed" + (" (pip install awscli)" if command[0] == "aws" else ""))
    os.execve(program, [program, *command[1:]], environment)


PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


@app.command(context_settings=PASS_ON)
def aws(context: typer.Context, data_dir: DataDir = None) -> None:
    """Run the aws CLI against the instance: slipher aws s3 ls.

    The endpoint is given on its command line, because old versions overlook AWS_ENDPOINT_URL and would go to real AWS.
    """
    _client(["aws", *context.args], data_dir)


@app.command(context_settings=PASS_ON)
def sql(
    context: typer.Context,
    data_dir: DataDir = None,
    cluster: Annotated[str | None, typer.Option(help=CLUSTER_HELP)] = None,
) -> None:
    """Open psql on the cluster (pgcli where psql is not installed); further arguments are psql's."""
    program = "psql" if shutil.which("psql") or not shutil.which("pgcli") else "pgcli"
    _client([program, *context.args], data_dir, cluster)


@app.command()
def explain(
    data_dir: DataDir = None,
    last: Annotated[int, typer.Option(min=1, help="How many decisions, the newest at the end.")] = 20,
    denied: Annotated[bool, typer.Option("--denied", help="Denials only.")] = False,
    format: Annotated[str, typer.Option(help="text or json (a line a decision).")] = "text",
) -> None:
    """Show the last authorisation decisions: who asked for what, and which statements of which policies decided."""
    from slipher.host.explain import last_decisions, readable

    found = last_decisions(_directory(data_dir).root, last, denied=denied)
    for record in found:
        typer.echo(json.dumps(record) if format == "json" else readable(record))
    if not found and format != "json":
        typer.echo("no decisions are in the log")


@app.command()
def events(
    data_dir: DataDir = None,
    last: Annotated[int, typer.Option(min=1, help="How many events, the newest at the end.")] = 20,
) -> None:
    """Show the last events that EventBridge would get (Data API statements with WithEvent), a line of JSON each."""
    from slipher.cloud.decisions import Lines

    for event in Lines(_directory(data_dir).root, "bus").last(last):
        typer.echo(json.dumps(event))


@app.command()
def schedules(
    data_dir: DataDir = None,
    last: Annotated[int, typer.Option(min=1, help="How many attempts of each, the newest at the end.")] = 10,
    failed: Annotated[bool, typer.Option("--failed", help="Attempts that failed only.")] = False,
    format: Annotated[str, typer.Option(help="text or json (a line a schedule).")] = "text",
) -> None:
    """Show EventBridge Scheduler's schedules: when each is due next, and what became of its last attempts, with their errors."""
    from slipher.host.schedules import found, readable

    root = _directory(data_dir).root
    if not (root / "gateway.db").exists():
        _fail(f"there is no Slipher in {root}")
    every = found(root, last, failed=failed)
    for one in every:
        typer.echo(json.dumps(one) if format == "json" else readable(one))
    if not every and format != "json":
        typer.echo("there are no schedules")


@app.command()
def console(
    data_dir: DataDir = None,
    role: Annotated[
        str | None, typer.Option(help="Sign in as this role (name or ARN), which must trust the administrator.")
    ] = None,
    region: Annotated[str | None, typer.Option(help="Begin in another region than the instance's.")] = None,
    open: Annotated[bool, typer.Option("--open", help="Open the link in this machine's browser, too.")] = False,
) -> None:
    """Print a link that signs a browser in to the web console. It works once, within 15 minutes."""
    from slipher.host.console import link
    from slipher.host.env import variables

    try:
        made = link(variables(_directory(data_dir)), role, region)
    except StartError as error:
        _fail(str(error))
    typer.echo(made)
    if open:
        import webbrowser

        webbrowser.open(made)


@app.command()
def top(
    data_dir: DataDir = None,
    cluster: Annotated[str | None, typer.Option(help="Another cluster than the first one.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Print one picture and end.")] = False,
) -> None:
    """Show what a cluster does now: loads with their progress, statements that run."""
    from rich.console import Console

    from slipher.cloud.redshift.fleet import socket_of
    from slipher.host.env import cluster_of
    from slipher.host.top import show
    from slipher.testing.wire import ServerError

    directory = _directory(data_dir)
    if directory.holder() is None:
        _fail(f"no Slipher runs on {directory.root}: start it with `slipher up`")
    try:
        row = cluster_of(directory, cluster)
        arn = f"arn:aws:redshift:{row['region']}:{directory.settings()['account']}:cluster:{row['id']}"
        show(
            row["id"],
            socket_of(directory.root, arn),
            once=once,
            console=Console(),
        )
    except StartError as error:
        _fail(str(error))
    except (OSError, EOFError, ServerError) as error:
        _fail(f"the cluster does not answer: {error}")
    except KeyboardInterrupt:
        pass


for command in (mount, unmount, mounts):
    app.command()(command)


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()
