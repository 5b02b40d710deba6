"""What changes the catalog: one function a statement, each does the catalog's rows and the engine's part together."""

from __future__ import annotations

from slipher.warehouse.catalog.ddl.alter import alter_table as alter_table
from slipher.warehouse.catalog.ddl.comment import comment as comment
from slipher.warehouse.catalog.ddl.context import Ddl as Ddl
from slipher.warehouse.catalog.ddl.databases import (
    create_database as create_database,
    drop_database as drop_database,
)
from slipher.warehouse.catalog.ddl.drop import drop_relation as drop_relation
from slipher.warehouse.catalog.ddl.grants import grant as grant, revoke as revoke
from slipher.warehouse.catalog.ddl.schemas import (
    alter_schema as alter_schema,
    create_schema as create_schema,
    drop_schema as drop_schema,
)
from slipher.warehouse.catalog.ddl.tables import create_table as create_table, create_table_from as create_table_from
from slipher.warehouse.catalog.ddl.users import (
    alter_group as alter_group,
    alter_user as alter_user,
    create_group as create_group,
    create_user as create_user,
    drop_group as drop_group,
    drop_user as drop_user,
)
from slipher.warehouse.catalog.ddl.views import create_view as create_view
