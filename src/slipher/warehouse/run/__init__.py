"""Running statements: one module a family, dispatched by the statement's class."""
