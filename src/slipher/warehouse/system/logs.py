# table
"""The live relations' columns, and where each comes from (source: references on the system catalog and on load errors).

A source is a field of the activity log's record, a quoted string, a number, null, or the name of a computed column
(see computed.py). Without one it is the field of the same name.
"""

from __future__ import annotations

from slipher.warehouse.system.spec import FUNCTION, Definition, live

LIVE_DEFINITIONS: tuple[tuple[Definition, str], ...] = (
    # Statements
    live(
        11301,
        "stl_query",
        """
        userid int4
        query int4
        label bpchar(320)
        xid int8
        pid int4
        database bpchar(32)
        querytxt bpchar(4000) = text
        starttime timestamp
        endtime timestamp
        aborted int4 = aborted
        insert_pristine int4 = 0
        concurrency_scaling_status int4 = 0
        """,
        "query",
    ),
    live(
        11302,
        "stl_querytext",
        """
        userid int4
        xid int8
        pid int4
        query int4
        sequence int4 = sequence
        text bpchar(200) = piece
        user_query_id int8 = query
        child_query_sequence int4 = 1
        query_uuid bpchar(36) = null
        """,
        "query",
    ),
    live(
        11303,
        "stl_ddltext",
        """
        userid int4
        xid int8
        pid int4
        label bpchar(320)
        starttime timestamp
        endtime timestamp
        sequence int4 = sequence
        text bpchar(200) = piece
        """,
        "query",
    ),
    live(
        11304,
        "stl_utilitytext",
        """
        userid int4
        xid int8
        pid int4
        label bpchar(320)
        starttime timestamp
        endtime timestamp
        sequence int4 = sequence
        text bpchar(200) = piece
        """,
        "query",
    ),
    live(
        11305,
        "svl_statementtext",
        """
        userid int4
        xid int8
        pid int4
        label bpchar(320)
        starttime timestamp
        endtime timestamp
        sequence int4 = sequence
        type varchar(10) = statement_type
        text bpchar(200) = piece
        """,
        "query",
    ),
    live(
        11306,
        "svl_qlog",
        """
        userid int4
        query int4
        xid int8
        pid int4
        starttime timestamp
        endtime timestamp
        elapsed int8 = elapsed
        aborted int4 = aborted
        label bpchar(320)
        substring bpchar(60) = text
        source_query int4 = null
        concurrency_scaling_status_txt text = 'Ran on the main cluster'
        from_sp_call int4 = null
        """,
        "query",
    ),
    live(
        11307,
        "sys_query_history",
        """
        user_id int4 = userid
        query_id int8 = query
        query_label bpchar(320) = label
        transaction_id int8 = xid
        session_id int4 = pid
        database_name bpchar(128) = database
        query_type bpchar(32) = kind
        status bpchar(10) = state
        result_cache_hit bool = false
        start_time timestamp = starttime
        end_time timestamp = ended
        elapsed_time int8 = elapsed
        queue_time int8 = queue_us
        execution_time int8 = execution
        error_message bpchar(512) = error
        returned_rows int8 = returned_rows
        returned_bytes int8 = returned_bytes
        query_text bpchar(4000) = text
        redshift_version bpchar(256) = version
        usage_limit bpchar(150) = null
        compute_type varchar(32) = 'primary'
        compile_time int8 = 0
        planning_time int8 = planning_us
        lock_wait_time int8 = lock_wait_us
        service_class_id int4 = 100
        service_class_name bpchar(64) = 'Default queue'
        query_priority bpchar(20) = 'Normal'
        short_query_accelerated bpchar(10) = 'false'
        user_query_hash bpchar(40) = null
        generic_query_hash bpchar(40) = null
        query_hash_version int4 = null
        result_cache_query_id int4 = null
        username bpchar(128)
        """,
        "query",
    ),
    live(
        11308,
        "sys_query_text",
        """
        user_id int4 = userid
        query_id int8 = query
        transaction_id int8 = xid
        session_id int4 = pid
        start_time timestamp = starttime
        sequence int4 = sequence
        text bpchar(4000) = piece
        query_uuid bpchar(36) = null
        """,
        "query",
    ),
    live(
        11309,
        "sys_transaction_history",
        """
        user_id int4 = userid
        transaction_id int8 = xid
        isolation_level text = isolation
        status text
        transaction_start_time timestamp = starttime
        commit_start_time timestamp = committime
        commit_end_time timestamp = endtime
        blocks_committed int8 = 0
        undo_transaction_id int8 = -1
        """,
        "transaction",
        superuser=True,
    ),
    # Loads
    live(
        11320,
        "stl_load_errors",
        """
        userid int4
        slice int4
        tbl int4
        starttime timestamp
        session int4 = pid
        query int4
        filename bpchar(256)
        line_number int8
        colname bpchar(127)
        type bpchar(10)
        col_length bpchar(10)
        position int4
        raw_line bpchar(1024)
        raw_field_value bpchar(1024)
        err_code int4
        err_reason bpchar(100)
        is_partial int4
        start_offset int8
        copy_job_id int8
        """,
        "load_error",
    ),
    live(
        11321,
        "stl_loaderror_detail",
        """
        userid int4
        slice int4
        session int4 = pid
        query int4
        filename bpchar(256)
        line_number int8
        field int4
        colname bpchar(1024)
        value bpchar(1024)
        is_null int4
        type bpchar(10)
        col_length bpchar(10)
        """,
        "load_error_detail",
    ),
    live(
        11338,
        "svl_s3log",
        """
        pid int4
        query int4
        segment int4 = 0
        step int4 = 0
        node int4 = 0
        slice int4
        eventtime timestamp
        message text
        """,
        "s3log",
    ),
    live(
        11380,
        "svl_spectrum_scan_error",
        """
        userid int4
        query int4
        location bpchar(128)
        rowid bpchar(128)
        colname bpchar(128)
        original_value bpchar(128)
        modified_value bpchar(128)
        trigger bpchar(128)
        action bpchar(128)
        action_value bpchar(128)
        error_code int4
        """,
        "scan_error",
    ),
    live(
        11339,
        "sys_copy_job_info",
        """
        job_id int8
        job_name bpchar(128)
        database_name bpchar(128)
        record_time timestamp
        message bpchar(512)
        """,
        "copy_job_info",
    ),
    live(
        11322,
        "sys_load_error_detail",
        """
        user_id int4 = userid
        query_id int8 = query
        transaction_id int8 = xid
        session_id int4 = pid
        database_name bpchar(64) = database
        table_id int4 = tbl
        start_time timestamp = starttime
        file_name bpchar(256) = filename
        line_number int8
        column_name bpchar(127) = colname
        column_type bpchar(10) = type
        column_length bpchar(10) = col_length
        position int4
        error_code int4 = err_code
        error_message bpchar(512) = err_reason
        """,
        "load_error",
    ),
    live(
        11323,
        "stl_load_commits",
        """
        userid int4
        query int4
        slice int4
        name bpchar(256) = filename
        filename bpchar(256)
        byte_offset int4
        lines_scanned int4
        errors int4
        curtime timestamp
        status int4
        file_format bpchar(16)
        is_partial int4
        start_offset int8
        copy_job_id int8
        """,
        "load_commit",
    ),
    live(
        11324,
        "sys_load_history",
        """
        user_id int4 = userid
        query_id int8 = query
        transaction_id int8 = xid
        session_id int4 = pid
        database_name text = database
        status text
        table_name text
        start_time timestamp = starttime
        end_time timestamp = endtime
        duration int8 = elapsed
        data_source text
        file_format text
        loaded_rows int8
        loaded_bytes int8
        source_file_count int4
        source_file_bytes int8
        file_count_scanned int4
        file_bytes_scanned int8
        error_count int8
        copy_job_id int8
        """,
        "load_history",
    ),
    live(
        11325,
        "sys_load_detail",
        """
        user_id int4 = userid
        query_id int4 = query
        file_name bpchar(256) = filename
        bytes_scanned int4 = bytes_scanned
        lines_scanned int4
        record_time timestamp = curtime
        splits_scanned int4 = 1
        start_time timestamp = starttime
        end_time timestamp = curtime
        file_etag bpchar(256) = etag
        file_last_modified timestamp = last_modified
        """,
        "load_commit",
    ),
    live(
        11326,
        "stl_file_scan",
        """
        userid int4
        query int4
        slice int4
        name bpchar(90)
        lines int8
        bytes int8
        loadtime int8
        curtime timestamp
        is_partial int4
        start_offset int8
        """,
        "file_scan",
    ),
    live(
        11327,
        "stl_replacements",
        """
        userid int4
        query int4
        slice int4
        tbl int4
        starttime timestamp
        session int4 = pid
        filename bpchar(256)
        line_number int8
        colname bpchar(127)
        raw_line bpchar(1024)
        user_query_id int8 = query
        """,
        "replacement",
    ),
    live(
        11328,
        "sys_copy_replacements",
        """
        user_id int4 = userid
        query_id int8 = query
        table_id int4 = tbl
        file_name bpchar(256) = filename
        column_name bpchar(127) = colname
        line_number int8
        raw_line bpchar(1024)
        """,
        "replacement",
    ),
    live(
        11329,
        "stv_load_state",
        """
        userid int4
        session int4
        query int4
        slice int4
        pid int4
        recordtime timestamp
        bytes_to_load int8
        bytes_loaded int8
        bytes_to_load_compressed int8
        bytes_loaded_compressed int8
        lines int4
        num_files int4
        num_files_complete int4
        current_file bpchar(256)
        pct_complete int4
        """,
    ),
    # Unloads
    live(
        11340,
        "stl_unload_log",
        """
        userid int4
        query int4
        slice int4
        pid int4
        path bpchar(1280)
        start_time timestamp = starttime
        end_time timestamp = endtime
        line_count int8
        transfer_size int8
        file_format bpchar(10)
        user_query_id int8 = query
        transaction_id int8 = xid
        """,
        "unload_log",
    ),
    live(
        11341,
        "sys_unload_history",
        """
        user_id int4 = userid
        query_id int8 = query
        transaction_id int8 = xid
        session_id int4 = pid
        database_name text = database
        status text
        start_time timestamp = starttime
        end_time timestamp = endtime
        duration int8 = elapsed
        file_format text
        compression_type text
        unloaded_location text
        unloaded_rows int8
        unloaded_files_count int8
        unloaded_files_size int8
        error_message text
        """,
        "unload_history",
    ),
    live(
        11342,
        "sys_unload_detail",
        """
        user_id int4 = userid
        query_id int4 = query
        session_id int4 = pid
        transaction_id int8 = xid
        file_name bpchar(1280) = path
        start_time timestamp = starttime
        end_time timestamp = endtime
        line_count int8
        transfer_size int8
        file_format bpchar(10)
        """,
        "unload_log",
    ),
    # Services and errors
    live(
        11350,
        "stl_s3client",
        """
        userid int4
        query int4
        slice int4
        recordtime timestamp
        pid int4
        http_method bpchar(64)
        bucket bpchar(64)
        key bpchar(256)
        transfer_size int8
        data_size int8
        start_time int8
        end_time int8
        transfer_time int8
        compression_time int8
        connect_time int8
        app_connect_time int8
        retries int8
        request_id bpchar(32)
        extended_request_id bpchar(128)
        ip_address bpchar(64)
        is_partial int4
        start_offset int8
        query_uuid bpchar(36)
        """,
        "s3client",
    ),
    live(
        11351,
        "stl_s3client_error",
        """
        userid int4
        query int4
        sliceid int4
        recordtime timestamp
        pid int4
        http_method bpchar(64)
        bucket bpchar(64)
        key bpchar(256)
        error bpchar(1024)
        is_partial int4
        start_offset int8
        """,
        "s3client_error",
    ),
    live(
        11352,
        "stl_error",
        """
        userid int4
        process bpchar(12)
        recordtime timestamp
        pid int4
        errcode int4
        file bpchar(90)
        linenum int4
        context bpchar(100)
        error bpchar(512)
        """,
        "error",
    ),
    live(
        11353,
        "stl_connection_log",
        """
        event bpchar(50)
        recordtime timestamp
        remotehost bpchar(45)
        remoteport bpchar(32)
        pid int4
        dbname bpchar(50)
        username bpchar(50)
        authmethod bpchar(32)
        duration int4
        sslversion bpchar(50)
        sslcipher bpchar(128)
        mtu int4 = 0
        sslcompression bpchar(64) = null
        sslexpansion bpchar(64) = null
        iamauthguid bpchar(36) = null
        application_name bpchar(250)
        os_version bpchar(64)
        driver_version bpchar(64)
        plugin_name bpchar(32)
        protocol_version int4
        sessionid bpchar(36)
        compression bpchar(16) = null
        """,
        "connection",
        superuser=True,
    ),
    live(
        11354,
        "sys_connection_log",
        """
        event bpchar(50)
        record_time timestamp = recordtime
        remote_host bpchar(45) = remotehost
        remote_port bpchar(32) = remoteport
        session_id int4 = pid
        database_name bpchar(50) = dbname
        user_name bpchar(50) = username
        auth_method bpchar(32) = authmethod
        duration int4
        ssl_version bpchar(50) = sslversion
        ssl_cipher bpchar(128) = sslcipher
        mtu int4 = 0
        ssl_compression bpchar(64) = null
        ssl_expansion bpchar(64) = null
        iam_auth_guid bpchar(36) = null
        application_name bpchar(250)
        os_version bpchar(64)
        driver_version bpchar(64)
        plugin_name bpchar(32)
        protocol_version int4
        global_session_id bpchar(36) = sessionid
        """,
        "connection",
        superuser=True,
    ),
    live(
        11356,
        "stl_userlog",
        """
        userid int4
        username bpchar(50)
        oldusername bpchar(50)
        action bpchar(10)
        usecreatedb int4
        usesuper int4
        usecatupd int4
        valuntil timestamp
        pid int4
        xid int8
        recordtime timestamp
        """,
        "userlog",
        superuser=True,
    ),
    live(
        11357,
        "sys_userlog",
        """
        user_id int4 = userid
        user_name bpchar(50) = username
        original_user_name bpchar(50) = oldusername
        action bpchar(10)
        has_create_db_privs int4 = usecreatedb
        is_superuser int4 = usesuper
        has_update_catalog_privs int4 = usecatupd
        password_expiration timestamp = valuntil
        session_id int4 = pid
        transaction_id int8 = xid
        record_time timestamp = recordtime
        """,
        "userlog",
        superuser=True,
    ),
    live(
        11355,
        "stl_tr_conflict",
        """
        xact_id int8
        process_id int8
        xact_start_ts timestamp
        abort_time timestamp
        table_id int8
        """,
        superuser=True,
    ),
    # What is now
    live(
        11370,
        "stv_sessions",
        """
        starttime timestamp
        process int4
        user_name bpchar(50)
        db_name bpchar(50)
        timeout_sec int4
        """,
    ),
    live(
        11371,
        "stv_locks",
        """
        table_id int8
        last_commit timestamp
        last_update timestamp
        lock_owner int8
        lock_owner_pid int8
        lock_owner_start_ts timestamp
        lock_owner_end_ts timestamp
        lock_status bpchar(22)
        """,
        superuser=True,
    ),
    live(
        11372,
        "svv_transactions",
        """
        txn_owner text
        txn_db text
        xid int8
        pid int4
        txn_start timestamp
        lock_mode text
        lockable_object_type text
        relation int4
        granted bool
        """,
    ),
    live(
        11373,
        "stv_recents",
        """
        userid int4
        status bpchar(20)
        starttime timestamp
        duration int4
        user_name bpchar(50)
        db_name bpchar(50)
        query bpchar(600)
        pid int4
        """,
    ),
    live(
        11374,
        "stv_inflight",
        """
        userid int4
        slice int4
        query int4
        label bpchar(320)
        xid int8
        pid int4
        starttime timestamp
        text bpchar(100)
        suspended int4
        insert_pristine int4
        concurrency_scaling_status int4
        """,
    ),
    live(
        11375,
        "stv_tbl_perm",
        """
        slice int4
        id int4
        name bpchar(72)
        rows int8
        sorted_rows int8
        temp int4
        db_id int4
        insert_pristine int4
        delete_pristine int4
        backup int4
        dist_style int4
        block_count int4
        """,
        superuser=True,
    ),
    live(
        11376,
        "stv_slices",
        """
        node int4
        slice int4
        localslice int4
        type bpchar(1)
        """,
    ),
    live(
        12000,
        "pg_settings",
        """
        name text
        setting text
        unit text
        category text
        short_desc text
        extra_desc text
        context text
        vartype text
        source text
        min_val text
        max_val text
        -boot_val text = null
        -reset_val text = null
        """,
    ),
    # Functions in FROM
    live(
        12001,
        "pg_get_late_binding_view_cols",
        """
        view_schema name
        view_name name
        col_name name
        col_type varchar
        col_num int4
        """,
        relkind=FUNCTION,
    ),
    live(
        12002,
        "pg_get_cols",
        """
        relation oid
        view_schema name
        view_name name
        col_name name
        col_type varchar
        col_num int4
        """,
        relkind=FUNCTION,
    ),
)
