"""The gateway's durable state: tables, keyed by account and region from the first day."""
