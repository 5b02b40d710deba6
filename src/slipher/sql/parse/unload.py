def unload(cursor):
    raise cursor.error()
