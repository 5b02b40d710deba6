"""Redshift's statements, each its own dataclass: what parse gives and everything after it takes.

Expressions and queries inside a statement are trees of sqlglot, not yet bound. COPY and UNLOAD live in modules of their own.
"""

from __future__ import annotations

from slipher.sql.statements.ddl import (
    AddColumn as AddColumn,
    AddConstraint as AddConstraint,
    AlterColumnEncode as AlterColumnEncode,
    AlterColumnType as AlterColumnType,
    AlterDist as AlterDist,
    AlterSchema as AlterSchema,
    AlterSort as AlterSort,
    AlterTable as AlterTable,
    ColumnDef as ColumnDef,
    Comment as Comment,
    Constraint as Constraint,
    CreateDatabase as CreateDatabase,
    CreateSchema as CreateSchema,
    CreateTable as CreateTable,
    CreateTableAs as CreateTableAs,
    CreateView as CreateView,
    Distribution as Distribution,
    DropColumn as DropColumn,
    DropConstraint as DropConstraint,
    DropDatabase as DropDatabase,
    DropRelation as DropRelation,
    DropSchema as DropSchema,
    RenameColumn as RenameColumn,
    RenameTo as RenameTo,
    SetOwner as SetOwner,
    SetQuota as SetQuota,
)
from slipher.sql.statements.dml import (
    Delete as Delete,
    Explain as Explain,
    Insert as Insert,
    Select as Select,
    Truncate as Truncate,
    Update as Update,
)
from slipher.sql.statements.names import QName as QName
from slipher.sql.statements.show import ShowDefinition as ShowDefinition, ShowObjects as ShowObjects
from slipher.sql.statements.users import (
    AlterGroup as AlterGroup,
    AlterUser as AlterUser,
    CreateGroup as CreateGroup,
    CreateUser as CreateUser,
    DropGroup as DropGroup,
    DropUser as DropUser,
    Grant as Grant,
    Grantee as Grantee,
    Password as Password,
    Revoke as Revoke,
)
from slipher.sql.statements.utility import (
    Analyze as Analyze,
    Begin as Begin,
    CancelQuery as CancelQuery,
    CloseCursor as CloseCursor,
    Commit as Commit,
    Deallocate as Deallocate,
    DeclareCursor as DeclareCursor,
    Execute as Execute,
    Fetch as Fetch,
    LockTables as LockTables,
    Prepare as Prepare,
    ResetParameter as ResetParameter,
    Rollback as Rollback,
    SetParameter as SetParameter,
    SetSessionAuthorization as SetSessionAuthorization,
    ShowParameter as ShowParameter,
    Unsupported as Unsupported,
    Vacuum as Vacuum,
)
