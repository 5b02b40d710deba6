"""The gateway process: AWS services around a warehouse."""
