"""The account as a whole: how much there is of everything, and everything about who may do what."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Table, func, select

from slipher.cloud.call import Call
from slipher.cloud.iam import groups, instance_profiles, roles, users
from slipher.cloud.iam.policies import managed_shape, shape as policy_shape
from slipher.cloud.iam.versions import all_versions, version_shape
from slipher.cloud.paging import iam_page
from slipher.cloud.state import iam
from slipher.spec.iam import managed_policy

QUOTAS = {  # source: "IAM and AWS STS quotas"
    "AccessKeysPerUserQuota": 2, "AssumeRolePolicySizeQuota": 2048, "AttachedPoliciesPerGroupQuota": 10,
    "AttachedPoliciesPerRoleQuota": 10, "AttachedPoliciesPerUserQuota": 10, "GroupPolicySizeQuota": 5120,
    "GroupsPerUserQuota": 10, "GroupsQuota": 300, "InstanceProfilesQuota": 1000, "PoliciesQuota": 1500, "PolicySizeQuota": 6144,
    "RolePolicySizeQuota": 10240, "RolesQuota": 1000, "UserPolicySizeQuota": 2048, "UsersQuota": 5000,
    "VersionsPerPolicyQuota": 5,
}  # fmt: skip
COUNTED = {"Users": iam.users, "Groups": iam.groups, "Roles": iam.roles, "Policies": iam.policies,
           "InstanceProfiles": iam.instance_profiles}  # fmt: skip
NONE = ("MFADevices", "MFADevicesInUse", "AccountMFAEnabled", "AccountAccessKeysPresent", "AccountSigningCertificatesPresent",
        "ServerCertificates", "Providers")  # fmt: skip
KINDS = {"User": iam.users, "Group": iam.groups, "Role": iam.roles}
DOCUMENT = {"User": "UserPolicyList", "Group": "GroupPolicyList", "Role": "RolePolicyList"}


def summary(call: Call) -> dict[str, Any]:
    """GetAccountSummary."""
    with call.gateway.read() as db:
        counts = {
            name: db.scalar(select(func.count()).select_from(table).where(table.c.account == call.account)) or 0
            for name, table in COUNTED.items()
        }
    return {"SummaryMap": QUOTAS | dict.fromkeys(NONE, 0) | counts}


def details(call: Call) -> dict[str, Any]:
    """GetAccountAuthorizationDetails: users, groups, roles, the account's policies, and those of AWS that are in use."""
    wanted = set(call.params.get("Filter") or ("User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"))
    answer: dict[str, Any] = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    with call.gateway.read() as db:
        named: list[tuple[str, str]] = []
        for kind, table in KINDS.items():
            if kind in wanted:
                named += [(kind, name) for name in _names(db, call, table)]
        if "LocalManagedPolicy" in wanted:
            named += [("Policy", name) for name in _names(db, call, iam.policies, "arn")]
        if "AWSManagedPolicy" in wanted:
            attached = select(iam.attachments.c.policy_arn).where(iam.attachments.c.account == call.account)
            used = set(db.scalars(attached)) | set(_names(db, call, iam.roles, "boundary"))
            used |= set(_names(db, call, iam.users, "boundary"))
            named += [("Policy", arn) for arn in used if arn and managed_policy(arn) is not None]
        page = iam_page(sorted(named), call.params, "_", lambda pair: f"{pair[0]}/{pair[1]}")
        facts = _Facts(db, call)
        for kind, name in page.pop("_"):
            answer["Policies" if kind == "Policy" else f"{kind}DetailList"].append(facts.of(kind, name))
    return answer | page


def _names(db: Connection, call: Call, table: Table, column: str = "name") -> list[Any]:
    return list(db.scalars(select(table.c[column]).where(table.c.account == call.account)))


class _Facts:
    """What the account's entities have, read at once."""

    def __init__(self, db: Connection, call: Call) -> None:
        self.db, self.account = db, call.account
        self.attached: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
        self.inline: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
        self.groups: dict[str, list[str]] = defaultdict(list)
        for row in db.execute(select(iam.attachments).where(iam.attachments.c.account == call.account)):
            policy = {"PolicyName": row.policy_arn.rpartition("/")[2], "PolicyArn": row.policy_arn}
            self.attached[row.kind, row.name].append(policy)
        for row in db.execute(select(iam.inline_policies).where(iam.inline_policies.c.account == call.account)):
            text = quote(row.document, safe="-_.~")
            self.inline[row.kind, row.name].append({"PolicyName": row.policy_name, "PolicyDocument": text})
        for row in db.execute(select(iam.members).where(iam.members.c.account == call.account)):
            self.groups[row.user_name].append(row.group_name)

    def of(self, kind: str, name: str) -> dict[str, Any]:
        """One entity, or a policy by its ARN."""
        if kind == "Policy":
            return self._policy(name)
        table = KINDS[kind]
        row = self.db.execute(select(table).where(table.c.account == self.account, table.c.name == name)).one()
        both = (kind.lower(), name)
        found = {"AttachedManagedPolicies": self.attached[both], DOCUMENT[kind]: self.inline[both]}
        if kind == "User":
            return users.shape(row) | {"GroupList": sorted(self.groups[name])} | found
        if kind == "Group":
            return groups.shape(row) | found
        shape = roles.shape(row)
        for member in ("Description", "MaxSessionDuration"):
            shape.pop(member, None)
        profiles = iam.instance_profiles
        mine = (profiles.c.account == self.account, profiles.c.role == name)
        held = [instance_profiles.shape(self.db, one) for one in self.db.execute(select(profiles).where(*mine)).all()]
        return shape | {"InstanceProfileList": held} | found

    def _policy(self, arn: str) -> dict[str, Any]:
        managed = managed_policy(arn)
        if managed is not None:
            shape = managed_shape(self.db, arn) or {}
            version = {"VersionId": managed.version, "IsDefaultVersion": True, "CreateDate": shape["UpdateDate"]}
            return shape | {"PolicyVersionList": [version | {"Document": quote(managed.document, safe="-_.~")}]}
        row = self.db.execute(select(iam.policies).where(iam.policies.c.arn == arn)).one()
        default = row.default_version or 1
        listed = [
            version_shape(number, created, number == default) | {"Document": quote(text, safe="-_.~")}
            for number, text, created in all_versions(self.db, row)
        ]
        shape = policy_shape(self.db, row)
        shape.pop("Tags", None)
        return shape | {"PolicyVersionList": listed}
