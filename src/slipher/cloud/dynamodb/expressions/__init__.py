"""DynamoDB's expressions, as values: text and placeholders in, trees out; nothing here reads a table.

Source: developer guide, "Using expressions in DynamoDB", and the API reference's grammar of each expression. One grammar
serves conditions, filters, key conditions, projections and updates (parse.py); evaluate.py, updating.py, projecting.py and
keys.py give the trees their meaning on items in their wire form.
"""

from slipher.cloud.dynamodb.expressions.evaluate import holds
from slipher.cloud.dynamodb.expressions.names import Placeholders
from slipher.cloud.dynamodb.expressions.parse import condition, projection, update
from slipher.cloud.dynamodb.expressions.projecting import project
from slipher.cloud.dynamodb.expressions.updating import apply

__all__ = ["Placeholders", "apply", "condition", "holds", "project", "projection", "update"]
