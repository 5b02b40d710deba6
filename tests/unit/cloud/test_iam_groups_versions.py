"""Groups, versions of policies, boundaries, instance profiles, the service-linked role and the account's lists, through boto3."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from refusals import refused

ACCOUNT = "123456789012"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": {
    "Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}})  # fmt: skip


def allow(*actions: str, effect: str = "Allow", **other: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": list(actions), "Resource": "*", **other}


def text(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_a_groups_life(local: Any) -> None:
    iam = local.client("iam")
    made = iam.create_group(GroupName="readers", Path="/team/")["Group"]
    assert (made["Arn"], made["GroupId"][:4]) == (f"arn:aws:iam::{ACCOUNT}:group/team/readers", "AGPA")
    assert (
        refused("EntityAlreadyExists", iam.create_group, GroupName="readers")
        == "Group with name readers already exists."
    )
    assert refused("NoSuchEntity", iam.get_group, GroupName="no") == "The group with name no cannot be found."
    local.user("ann")
    iam.add_user_to_group(GroupName="readers", UserName="ann")
    iam.add_user_to_group(GroupName="readers", UserName="ann")
    assert [one["UserName"] for one in iam.get_group(GroupName="readers")["Users"]] == ["ann"]
    assert [one["GroupName"] for one in iam.list_groups_for_user(UserName="ann")["Groups"]] == ["readers"]
    assert [one["GroupName"] for one in iam.list_groups(PathPrefix="/team/")["Groups"]] == ["readers"]
    assert "remove users from group" in refused("DeleteConflict", iam.delete_group, GroupName="readers")
    key = iam.list_access_keys(UserName="ann")["AccessKeyMetadata"][0]["AccessKeyId"]
    iam.delete_access_key(UserName="ann", AccessKeyId=key)
    assert refused("DeleteConflict", iam.delete_user, UserName="ann") == (
        "Cannot delete entity, must remove users from group first."
    )
    iam.attach_group_policy(GroupName="readers", PolicyArn=READ_ONLY)
    iam.put_group_policy(GroupName="readers", PolicyName="p", PolicyDocument=text(allow("s3:*")))
    iam.update_group(GroupName="readers", NewGroupName="writers", NewPath="/")
    assert [one["PolicyName"] for one in iam.list_attached_group_policies(GroupName="writers")["AttachedPolicies"]] == [
        "ReadOnlyAccess"
    ]
    assert [one["GroupName"] for one in iam.list_entities_for_policy(PolicyArn=READ_ONLY)["PolicyGroups"]] == [
        "writers"
    ]
    iam.remove_user_from_group(GroupName="writers", UserName="ann")
    assert "detach all policies" in refused("DeleteConflict", iam.delete_group, GroupName="writers")
    iam.detach_group_policy(GroupName="writers", PolicyArn=READ_ONLY)
    assert "delete policies first" in refused("DeleteConflict", iam.delete_group, GroupName="writers")
    iam.delete_group_policy(GroupName="writers", PolicyName="p")
    iam.delete_group(GroupName="writers")


def test_a_groups_policies_are_its_users(local: Any) -> None:
    iam, mine = local.client("iam"), local.client("iam", local.user("bob"))
    refused("AccessDenied", mine.list_roles)
    iam.create_group(GroupName="admins")
    iam.put_group_policy(GroupName="admins", PolicyName="p", PolicyDocument=text(allow("iam:List*")))
    iam.add_user_to_group(GroupName="admins", UserName="bob")
    mine.list_roles()
    iam.put_group_policy(GroupName="admins", PolicyName="q", PolicyDocument=text(allow("iam:ListRoles", effect="Deny")))
    assert "explicit deny in an identity-based policy" in refused("AccessDenied", mine.list_roles)
    mine.list_users()
    iam.remove_user_from_group(GroupName="admins", UserName="bob")
    refused("AccessDenied", mine.list_users)


def test_versions(local: Any) -> None:
    iam, keys = local.client("iam"), local.user("vera")
    mine = local.client("iam", keys)
    arn = iam.create_policy(PolicyName="v", PolicyDocument=text(allow("iam:ListRoles")))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="vera", PolicyArn=arn)
    mine.list_roles()
    two = iam.create_policy_version(PolicyArn=arn, PolicyDocument=text(allow("iam:ListUsers")))["PolicyVersion"]
    assert (two["VersionId"], two["IsDefaultVersion"]) == ("v2", False)
    mine.list_roles()
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    mine.list_users()
    refused("AccessDenied", mine.list_roles)
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v2"
    for _ in range(3):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=text(allow("iam:ListUsers")), SetAsDefault=True)
    assert refused("LimitExceeded", iam.create_policy_version, PolicyArn=arn, PolicyDocument=text(allow("s3:*"))) == (
        "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version."
    )
    pages = iam.get_paginator("list_policy_versions").paginate(PolicyArn=arn, PaginationConfig={"PageSize": 2})
    assert [one["VersionId"] for page in pages for one in page["Versions"]] == ["v5", "v4", "v3", "v2", "v1"]
    assert refused("DeleteConflict", iam.delete_policy_version, PolicyArn=arn, VersionId="v5") == (
        "Cannot delete the default version of a policy."
    )
    old = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
    assert old["Document"]["Statement"][0]["Action"] == ["iam:ListRoles"]
    iam.detach_user_policy(UserName="vera", PolicyArn=arn)
    assert "more than one version" in refused("DeleteConflict", iam.delete_policy, PolicyArn=arn)
    for version in ("v1", "v2", "v3", "v4"):
        iam.delete_policy_version(PolicyArn=arn, VersionId=version)
    refused("NoSuchEntity", iam.get_policy_version, PolicyArn=arn, VersionId="v1")
    six = iam.create_policy_version(PolicyArn=arn, PolicyDocument=text(allow("s3:*")))["PolicyVersion"]["VersionId"]
    assert six == "v6"  # numbers do not come back
    iam.delete_policy_version(PolicyArn=arn, VersionId="v6")
    iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "a", "Value": "1"}])
    assert iam.list_policy_tags(PolicyArn=arn)["Tags"] == [{"Key": "a", "Value": "1"}]
    iam.untag_policy(PolicyArn=arn, TagKeys=["a"])
    iam.delete_policy(PolicyArn=arn)


def test_boundaries_limit(local: Any) -> None:
    iam = local.client("iam")
    arn = iam.create_policy(PolicyName="limit", PolicyDocument=text(allow("iam:ListUsers")))["Policy"]["Arn"]
    keys = local.user("bea", allow("iam:*"))
    mine = local.client("iam", keys)
    mine.list_roles()
    iam.put_user_permissions_boundary(UserName="bea", PermissionsBoundary=arn)
    assert refused("AccessDenied", mine.list_roles).endswith(
        "because no permissions boundary allows the iam:ListRoles action"
    )
    mine.list_users()
    assert iam.get_user(UserName="bea")["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn
    assert iam.get_policy(PolicyArn=arn)["Policy"]["PermissionsBoundaryUsageCount"] == 1
    bounded = iam.list_policies(Scope="Local", PolicyUsageFilter="PermissionsBoundary")["Policies"]
    assert [one["PolicyName"] for one in bounded] == ["limit"]
    found = iam.list_entities_for_policy(PolicyArn=arn, PolicyUsageFilter="PermissionsBoundary")
    assert [one["UserName"] for one in found["PolicyUsers"]] == ["bea"]
    refused("DeleteConflict", iam.delete_policy, PolicyArn=arn)
    iam.delete_user_permissions_boundary(UserName="bea")
    mine.list_roles()
    refused("NoSuchEntity", iam.delete_user_permissions_boundary, UserName="bea")
    refused("NoSuchEntity", iam.put_user_permissions_boundary, UserName="bea", PermissionsBoundary=arn + "x")

    iam.create_role(RoleName="bound", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=arn)
    iam.put_role_policy(RoleName="bound", PolicyName="p", PolicyDocument=text(allow("iam:*")))
    role = f"arn:aws:iam::{ACCOUNT}:role/bound"
    session = local.client("sts").assume_role(RoleArn=role, RoleSessionName="s1")["Credentials"]
    as_role = local.client("iam", session)
    as_role.list_users()
    refused("AccessDenied", as_role.list_roles)
    assert "LastUsedDate" in iam.get_role(RoleName="bound")["Role"]["RoleLastUsed"]
    iam.delete_role_permissions_boundary(RoleName="bound")
    as_role.list_roles()


def test_a_boundary_can_be_demanded(local: Any) -> None:
    """A delegated administrator: only roles with the boundary, source: "Delegating responsibility to others"."""
    only = {"Condition": {"StringEquals": {"iam:PermissionsBoundary": READ_ONLY}}}
    mine = local.client("iam", local.user("dave", allow("iam:CreateRole", **only)))
    refused("AccessDenied", mine.create_role, RoleName="d1", AssumeRolePolicyDocument=TRUST)
    mine.create_role(RoleName="d1", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=READ_ONLY)


def test_instance_profiles(local: Any) -> None:
    iam = local.client("iam")
    iam.create_role(RoleName="host", AssumeRolePolicyDocument=TRUST)
    iam.create_instance_profile(InstanceProfileName="host", Tags=[{"Key": "a", "Value": "1"}])
    iam.add_role_to_instance_profile(InstanceProfileName="host", RoleName="host")
    assert iam.get_instance_profile(InstanceProfileName="host")["InstanceProfile"]["Roles"][0]["RoleName"] == "host"
    assert len(iam.list_instance_profiles_for_role(RoleName="host")["InstanceProfiles"]) == 1
    refused("LimitExceeded", iam.add_role_to_instance_profile, InstanceProfileName="host", RoleName="host")
    assert "from instance profile first" in refused("DeleteConflict", iam.delete_role, RoleName="host")
    refused("DeleteConflict", iam.delete_instance_profile, InstanceProfileName="host")
    iam.remove_role_from_instance_profile(InstanceProfileName="host", RoleName="host")
    iam.delete_instance_profile(InstanceProfileName="host")
    assert refused("NoSuchEntity", iam.get_instance_profile, InstanceProfileName="host") == (
        "Instance Profile host cannot be found."
    )


def test_the_service_linked_role(own: Any) -> None:
    iam = own.client("iam")
    made = iam.create_service_linked_role(AWSServiceName="redshift.amazonaws.com")["Role"]
    assert made["Arn"].endswith(":role/aws-service-role/redshift.amazonaws.com/AWSServiceRoleForRedshift")
    assert "has been taken" in refused(
        "InvalidInput", iam.create_service_linked_role, AWSServiceName="redshift.amazonaws.com"
    )
    assert "protected role 'AWSServiceRoleForRedshift'" in refused(
        "UnmodifiableEntity", iam.attach_role_policy, RoleName=made["RoleName"], PolicyArn=READ_ONLY
    )
    refused("UnmodifiableEntity", iam.delete_role, RoleName=made["RoleName"])
    task = iam.delete_service_linked_role(RoleName=made["RoleName"])["DeletionTaskId"]
    assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "FAILED"  # a cluster is there
    with own.gateway.transaction() as db:
        db.exec_driver_sql("delete from clusters")
    task = iam.delete_service_linked_role(RoleName=made["RoleName"])["DeletionTaskId"]
    assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"
    refused("NoSuchEntity", iam.get_role, RoleName=made["RoleName"])
    refused("NotImplemented", iam.create_service_linked_role, AWSServiceName="ecs.amazonaws.com")


def test_the_account_as_a_whole(local: Any) -> None:
    iam = local.client("iam")
    local.user("zoe", allow("s3:*"))
    iam.create_group(GroupName="zs")
    iam.add_user_to_group(GroupName="zs", UserName="zoe")
    iam.attach_user_policy(UserName="zoe", PolicyArn=READ_ONLY)
    pages = iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 3})
    users = {one["UserName"]: one for page in pages for one in page["UserDetailList"]}
    zoe = users["zoe"]
    assert zoe["GroupList"] == ["zs"]
    assert zoe["UserPolicyList"][0]["PolicyDocument"]["Statement"][0]["Action"] == ["s3:*"]
    assert zoe["AttachedManagedPolicies"] == [{"PolicyName": "ReadOnlyAccess", "PolicyArn": READ_ONLY}]
    managed = iam.get_account_authorization_details(Filter=["AWSManagedPolicy"])
    assert "ReadOnlyAccess" in [one["PolicyName"] for one in managed["Policies"]]
    assert managed["UserDetailList"] == []
    summary = iam.get_account_summary()["SummaryMap"]
    assert (summary["Users"], summary["VersionsPerPolicyQuota"]) == (len(iam.list_users()["Users"]), 5)


def test_last_use_is_kept_once_a_minute(local: Any) -> None:
    iam = local.client("iam")
    iam.create_role(RoleName="used", AssumeRolePolicyDocument=TRUST)
    assert iam.get_role(RoleName="used")["Role"]["RoleLastUsed"] == {}
    session = local.client("sts").assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/used", RoleSessionName="s1")
    as_role = local.client("sts", session["Credentials"], region="eu-west-1")
    as_role.get_caller_identity()
    first = iam.get_role(RoleName="used")["Role"]["RoleLastUsed"]
    assert first["Region"] == "eu-west-1"
    local.clock.offset = timedelta(minutes=2)
    as_role.get_caller_identity()
    assert iam.get_role(RoleName="used")["Role"]["RoleLastUsed"]["LastUsedDate"] > first["LastUsedDate"]


def test_a_database_of_an_older_slipher_gets_its_columns(tmp_path: Any) -> None:
    from sqlalchemy import select

    from slipher.cloud.state import iam as tables
    from slipher.cloud.state.base import open_database, reading, writing

    engine = open_database(tmp_path / "gateway.db")
    with writing(engine) as db:
        db.exec_driver_sql("ALTER TABLE iam_roles DROP COLUMN boundary")
    engine.dispose()
    engine = open_database(tmp_path / "gateway.db")
    with reading(engine) as db:
        assert db.execute(select(tables.roles.c.boundary)).all() == []
    engine.dispose()
