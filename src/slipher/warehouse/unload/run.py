def run_unload(run):
    raise NotImplementedError
