def copy(cursor):
    raise cursor.error()
