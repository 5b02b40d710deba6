"""KMS through boto3: keys, names and states, ciphertexts with their context, key policies and grants that decide."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from refusals import refused

from slipher.cloud.kms.ciphers import HEAD

ACCOUNT = "123456789012"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"


@pytest.fixture
def kms(local: Any) -> Any:
    return local.client("kms")


@pytest.fixture(scope="module")
def key(shared_gateway: Any) -> str:
    return str(shared_gateway.client("kms").create_key(Description="tests")["KeyMetadata"]["Arn"])


def test_a_keys_life(kms: Any) -> None:
    made = kms.create_key(Description="mine", Tags=[{"TagKey": "a", "TagValue": "1"}])["KeyMetadata"]
    arn, key_id = made["Arn"], made["KeyId"]
    assert arn == f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{key_id}"
    assert (made["KeyState"], made["Enabled"], made["KeyManager"], made["KeySpec"]) == (
        "Enabled", True, "CUSTOMER", "SYMMETRIC_DEFAULT",
    )  # fmt: skip
    kms.create_alias(AliasName="alias/mine", TargetKeyId=key_id)
    text = refused("AlreadyExistsException", kms.create_alias, AliasName="alias/mine", TargetKeyId=key_id)
    assert text == f"An alias with the name arn:aws:kms:us-east-1:{ACCOUNT}:alias/mine already exists"
    for name in (key_id, arn, "alias/mine", f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/mine"):
        assert kms.describe_key(KeyId=name)["KeyMetadata"]["Arn"] == arn
    assert kms.list_aliases(KeyId=key_id)["Aliases"][0]["TargetKeyId"] == key_id
    assert {"KeyId": key_id, "KeyArn": arn} in kms.get_paginator("list_keys").paginate(
        PaginationConfig={"PageSize": 1}
    ).build_full_result()["Keys"]
    blob = kms.encrypt(KeyId="alias/mine", Plaintext=b"x")["CiphertextBlob"]

    kms.disable_key(KeyId=key_id)
    assert refused("DisabledException", kms.decrypt, CiphertextBlob=blob) == f"{arn} is disabled."
    kms.enable_key(KeyId=key_id)
    refused("ValidationException", kms.schedule_key_deletion, KeyId=key_id, PendingWindowInDays=31)
    assert kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)["KeyState"] == "PendingDeletion"
    assert refused("KMSInvalidStateException", kms.decrypt, CiphertextBlob=blob) == f"{arn} is pending deletion."
    refused("KMSInvalidStateException", kms.enable_key, KeyId=key_id)
    kms.cancel_key_deletion(KeyId=key_id)
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "Disabled"
    kms.enable_key(KeyId=key_id)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    kms.delete_alias(AliasName="alias/mine")
    text = refused("NotFoundException", kms.describe_key, KeyId="alias/mine")
    assert text == f"Alias arn:aws:kms:us-east-1:{ACCOUNT}:alias/mine is not found."
    none = "00000000-0000-0000-0000-000000000000"
    text = refused("NotFoundException", kms.describe_key, KeyId=none)
    assert text == f"Key 'arn:aws:kms:us-east-1:{ACCOUNT}:key/{none}' does not exist"
    assert refused("NotFoundException", kms.describe_key, KeyId="nonsense") == "Invalid keyId 'nonsense'"
    refused("NotImplemented", kms.create_key, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")


@settings(max_examples=25, deadline=None)
@given(
    data=st.binary(min_size=1, max_size=4096),
    context=st.dictionaries(st.text("ab\u00e9", min_size=1), st.text("xy", min_size=1), max_size=3),
)
def test_what_is_encrypted_comes_back(shared_gateway: Any, key: str, data: bytes, context: dict[str, str]) -> None:
    kms = shared_gateway.client("kms")
    made = kms.encrypt(KeyId=key, Plaintext=data, EncryptionContext=context)
    sealed = made["CiphertextBlob"][HEAD:]
    assert data not in sealed or len(data) < 4
    found = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext=context)
    assert (found["Plaintext"], found["KeyId"]) == (data, key)
    refused(
        "InvalidCiphertextException",
        kms.decrypt,
        CiphertextBlob=made["CiphertextBlob"],
        EncryptionContext=context | {"c": "z"},
    )


def test_data_keys_and_reencryption(kms: Any, key: str) -> None:
    other = kms.create_key()["KeyMetadata"]["Arn"]
    made = kms.generate_data_key(KeyId=key, KeySpec="AES_128", EncryptionContext={"a": "b"})
    assert len(made["Plaintext"]) == 16
    moved = kms.re_encrypt(
        CiphertextBlob=made["CiphertextBlob"], SourceEncryptionContext={"a": "b"}, DestinationKeyId=other
    )
    assert (moved["SourceKeyId"], moved["KeyId"]) == (key, other)
    assert kms.decrypt(CiphertextBlob=moved["CiphertextBlob"], KeyId=other)["Plaintext"] == made["Plaintext"]
    refused("IncorrectKeyException", kms.decrypt, CiphertextBlob=moved["CiphertextBlob"], KeyId=key)
    hidden = kms.generate_data_key_without_plaintext(KeyId=key, NumberOfBytes=40)
    assert "Plaintext" not in hidden and len(kms.decrypt(CiphertextBlob=hidden["CiphertextBlob"])["Plaintext"]) == 40
    refused("ValidationException", kms.generate_data_key, KeyId=key)
    refused("InvalidCiphertextException", kms.decrypt, CiphertextBlob=b"nonsense")
    changed = bytearray(hidden["CiphertextBlob"])
    changed[-1] ^= 1
    refused("InvalidCiphertextException", kms.decrypt, CiphertextBlob=bytes(changed))


def statement(**more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "kms:*", "Resource": "*", **more}


def test_key_policies_have_the_first_word(kms: Any, local: Any) -> None:
    local.user("kms-named")
    named = f"arn:aws:iam::{ACCOUNT}:user/kms-named"
    with_iam = local.client("kms", local.user("kms-iam", statement()))
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    with_iam.encrypt(KeyId=key, Plaintext=b"x")  # the default policy leaves it to IAM
    named_keys = local.client("iam").create_access_key(UserName="kms-named")["AccessKey"]
    as_named = local.client("kms", named_keys)
    text = refused("AccessDeniedException", as_named.encrypt, KeyId=key, Plaintext=b"x")
    assert text.endswith("because no identity-based policy allows the kms:Encrypt action")

    def policy(*statements: dict[str, Any]) -> str:
        return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})

    admin = f"arn:aws:iam::{ACCOUNT}:user/admin"
    only = policy(
        statement(Principal={"AWS": admin}),
        statement(
            Principal={"AWS": named},
            Action=["kms:Encrypt"],
            Condition={"StringEquals": {"kms:EncryptionContext:team": "red"}},
        ),
    )
    kms.put_key_policy(KeyId=key, Policy=only)
    text = refused("AccessDeniedException", with_iam.encrypt, KeyId=key, Plaintext=b"x")  # IAM alone is not enough
    assert text.endswith("because no resource-based policy allows the kms:Encrypt action")
    as_named.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"team": "red"})
    refused("AccessDeniedException", as_named.encrypt, KeyId=key, Plaintext=b"x", EncryptionContext={"team": "blue"})
    locked = policy(statement(Principal={"AWS": named}))
    text = refused("MalformedPolicyDocumentException", kms.put_key_policy, KeyId=key, Policy=locked)
    assert text == "The new key policy will not allow you to update the key policy in the future."
    assert json.loads(kms.get_key_policy(KeyId=key)["Policy"]) == json.loads(only)


def test_grants_allow_beside_policies(kms: Any, local: Any, key: str) -> None:
    as_grantee = local.client("kms", local.user("kms-grantee"))
    blob = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"a": "1", "b": "2"})["CiphertextBlob"]
    given = {"CiphertextBlob": blob, "EncryptionContext": {"a": "1", "b": "2"}}
    refused("AccessDeniedException", as_grantee.decrypt, **given)
    grant = kms.create_grant(
        KeyId=key, GranteePrincipal=f"arn:aws:iam::{ACCOUNT}:user/kms-grantee", Operations=["Decrypt"],
        Constraints={"EncryptionContextSubset": {"a": "1"}}, Name="g",
    )  # fmt: skip
    assert as_grantee.decrypt(**given, GrantTokens=[grant["GrantToken"]])["Plaintext"] == b"x"
    plain = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    refused("AccessDeniedException", as_grantee.decrypt, CiphertextBlob=plain)
    refused("AccessDeniedException", as_grantee.encrypt, KeyId=key, Plaintext=b"x")
    assert [one["GrantId"] for one in kms.list_grants(KeyId=key)["Grants"]] == [grant["GrantId"]]
    kms.revoke_grant(KeyId=key, GrantId=grant["GrantId"])
    refused("AccessDeniedException", as_grantee.decrypt, **given)
    refused("InvalidGrantTokenException", kms.describe_key, KeyId=key, GrantTokens=["x"])


def test_keys_of_services(kms: Any) -> None:
    made = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    assert made["KeyManager"] == "AWS"
    text = refused("AccessDeniedException", kms.encrypt, KeyId="alias/aws/s3", Plaintext=b"x")
    assert text.endswith("because no resource-based policy allows the kms:Encrypt action")
    refused("AccessDeniedException", kms.disable_key, KeyId="alias/aws/s3")
    refused("NotAuthorizedException", kms.create_alias, AliasName="alias/aws/mine", TargetKeyId=made["KeyId"])
