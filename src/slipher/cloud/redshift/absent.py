"""What there can be none of here: the lists are empty, and who names one is told that it is not there.

Reserved nodes are a matter of billing; data shares, zero-ETL integrations, endpoints in a VPC, custom domains, HSMs and
applications of the Identity Center need what is not here, so making one answers 501.
"""

from __future__ import annotations

from typing import Any

from slipher.aws import models
from slipher.base.errors import AwsError
from slipher.cloud.call import Call, Operation
from slipher.cloud.redshift import common, rows

# a list: its member, the member of the request that names one, and the error that it is not there
Listed = tuple[str, str, str]
EMPTY: dict[str, Listed] = {
    "DescribeCustomDomainAssociations": ("Associations", "CustomDomainName", "CustomDomainAssociationNotFoundFault"),
    "DescribeDataShares": ("DataShares", "DataShareArn", "InvalidDataShareFault"),
    "DescribeDataSharesForConsumer": ("DataShares", "", ""),
    "DescribeDataSharesForProducer": ("DataShares", "", ""),
    "DescribeEndpointAccess": ("EndpointAccessList", "EndpointName", "EndpointNotFound"),
    "DescribeEndpointAuthorization": ("EndpointAuthorizationList", "", ""),
    "DescribeHsmClientCertificates": (
        "HsmClientCertificates", "HsmClientCertificateIdentifier", "HsmClientCertificateNotFoundFault",
    ),
    "DescribeHsmConfigurations": ("HsmConfigurations", "HsmConfigurationIdentifier", "HsmConfigurationNotFoundFault"),
    "DescribeInboundIntegrations": ("InboundIntegrations", "IntegrationArn", "IntegrationNotFoundFault"),
    "DescribeIntegrations": ("Integrations", "IntegrationArn", "IntegrationNotFoundFault"),
    "DescribeQev2IdcApplications": ("Qev2IdcApplications", "Qev2IdcApplicationArn", "Qev2IdcApplicationNotExists"),
    "DescribeRedshiftIdcApplications": (
        "RedshiftIdcApplications", "RedshiftIdcApplicationArn", "RedshiftIdcApplicationNotExists",
    ),
    "DescribeReservedNodeExchangeStatus": (
        "ReservedNodeExchangeStatusDetails", "ReservedNodeId", "ReservedNodeNotFound",
    ),
    "DescribeReservedNodeOfferings": (
        "ReservedNodeOfferings", "ReservedNodeOfferingId", "ReservedNodeOfferingNotFound",
    ),
    "DescribeReservedNodes": ("ReservedNodes", "ReservedNodeId", "ReservedNodeNotFound"),
    "GetReservedNodeExchangeConfigurationOptions": ("ReservedNodeConfigurationOptionList", "", ""),
    "ListRecommendations": ("Recommendations", "", ""),
}  # fmt: skip
# what names one: the member that does, and the error
MISSING: dict[str, tuple[str, str]] = {
    "AcceptReservedNodeExchange": ("ReservedNodeId", "ReservedNodeNotFound"),
    "GetReservedNodeExchangeOfferings": ("ReservedNodeId", "ReservedNodeNotFound"),
    "PurchaseReservedNodeOffering": ("ReservedNodeOfferingId", "ReservedNodeOfferingNotFound"),
    **dict.fromkeys(
        (
            "AuthorizeDataShare", "DeauthorizeDataShare", "AssociateDataShareConsumer", "DisassociateDataShareConsumer",
            "RejectDataShare",
        ),
        ("DataShareArn", "InvalidDataShareFault"),
    ),
    **dict.fromkeys(
        ("DeleteCustomDomainAssociation", "ModifyCustomDomainAssociation"),
        ("CustomDomainName", "CustomDomainAssociationNotFoundFault"),
    ),
    **dict.fromkeys(("DeleteEndpointAccess", "ModifyEndpointAccess"), ("EndpointName", "EndpointNotFound")),
    "RevokeEndpointAccess": ("Account", "EndpointAuthorizationNotFound"),
    "DeleteHsmClientCertificate": ("HsmClientCertificateIdentifier", "HsmClientCertificateNotFoundFault"),
    "DeleteHsmConfiguration": ("HsmConfigurationIdentifier", "HsmConfigurationNotFoundFault"),
    **dict.fromkeys(("DeleteIntegration", "ModifyIntegration"), ("IntegrationArn", "IntegrationNotFoundFault")),
    **dict.fromkeys(
        ("DeleteRedshiftIdcApplication", "ModifyRedshiftIdcApplication"),
        ("RedshiftIdcApplicationArn", "RedshiftIdcApplicationNotExists"),
    ),
    **dict.fromkeys(
        ("DeleteQev2IdcApplication", "ModifyQev2IdcApplication"), ("Qev2IdcApplicationArn", "Qev2IdcApplicationNotExists")
    ),
}  # fmt: skip
SECURITY_GROUPS = (
    "CreateClusterSecurityGroup", "DescribeClusterSecurityGroups", "DeleteClusterSecurityGroup",
    "AuthorizeClusterSecurityGroupIngress", "RevokeClusterSecurityGroupIngress",
)  # fmt: skip
BAD_REQUESTS = ("InvalidDataShareFault", "HsmClientCertificateNotFoundFault", "HsmConfigurationNotFoundFault")


def _not_there(code: str, member: str, name: Any) -> AwsError:
    return AwsError(code, f"{member} {name} does not exist.", 400 if code in BAD_REQUESTS else 404)


def _list(call: Call) -> dict[str, Any]:
    """An empty list."""
    member, named, code = EMPTY[call.operation]
    if call.params.get("ClusterIdentifier"):
        with call.gateway.read() as db:
            common.find(db, call)
    if named and call.params.get(named):
        raise _not_there(code, named, call.params[named])
    return rows.page(call, member, [])


def _refuse(call: Call) -> dict[str, Any]:
    """It is not there."""
    member, code = MISSING[call.operation]
    raise _not_there(code, member, call.params.get(member))


def _no_security_groups(call: Call) -> dict[str, Any]:
    """Accounts in a VPC, as all are, have none of Redshift's own."""
    raise AwsError("InvalidParameterValue", "VPC-by-Default customers cannot use cluster security groups")


def operations() -> dict[str, Operation]:
    """The rows of these operations. They take every member of their requests: none of them could have an effect."""
    by = (*((name, _list) for name in EMPTY), *((name, _refuse) for name in MISSING))
    by += tuple((name, _no_security_groups) for name in SECURITY_GROUPS)
    known = set(models.service("redshift").operation_names)
    return {
        name: Operation(handler, " ".join(models.operation("redshift", name).input_shape.members), state="none")
        for name, handler in by
        if name in known  # some came to botocore of late
    }
