-- Tables in the layout of TICKIT; rows made by arithmetic, no rights reserved.
create table users(
  userid integer not null distkey sortkey, username char(8), firstname varchar(30), lastname varchar(30), city varchar(30),
  state char(2), email varchar(100), phone char(14), likesports boolean, liketheatre boolean, likeconcerts boolean,
  likejazz boolean, likeclassical boolean, likeopera boolean, likerock boolean, likevegas boolean, likebroadway boolean,
  likemusicals boolean);
create table venue(
  venueid smallint not null distkey sortkey, venuename varchar(100), venuecity varchar(30), venuestate char(2),
  venueseats integer);
create table category(
  catid smallint not null distkey sortkey, catgroup varchar(10), catname varchar(10), catdesc varchar(50));
create table date(
  dateid smallint not null distkey sortkey, caldate date not null, day character(3) not null, week smallint not null,
  month character(5) not null, qtr character(5) not null, year smallint not null, holiday boolean default('N'));
create table event(
  eventid integer not null distkey, venueid smallint not null, catid smallint not null, dateid smallint not null sortkey,
  eventname varchar(200), starttime timestamp);
create table listing(
  listid integer not null distkey, sellerid integer not null, eventid integer not null, dateid smallint not null sortkey,
  numtickets smallint not null, priceperticket decimal(8,2), totalprice decimal(8,2), listtime timestamp);
create table sales(
  salesid integer not null, listid integer not null distkey, sellerid integer not null, buyerid integer not null,
  eventid integer not null, dateid smallint not null sortkey, qtysold smallint not null, pricepaid decimal(8,2),
  commission decimal(8,2), saletime timestamp);
create temp table slipher_n(n integer);
insert into slipher_n values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
create temp table slipher_numbers(n integer);
insert into slipher_numbers
  select a.n + 10 * b.n + 100 * c.n + 1000 * d.n from slipher_n a, slipher_n b, slipher_n c, slipher_n d;
insert into category values
  (1, 'Sports', 'Rowing', 'Regattas on rivers and lakes'), (2, 'Sports', 'Curling', 'Stones on ice'),
  (3, 'Sports', 'Fencing', 'Foil, sabre and epee'), (4, 'Sports', 'Chess', 'Open tournaments'),
  (5, 'Shows', 'Musicals', 'Plays with songs'), (6, 'Shows', 'Plays', 'Plays without songs'),
  (7, 'Shows', 'Opera', 'Opera, sung in full'), (8, 'Shows', 'Circus', 'Acrobats and clowns'),
  (9, 'Concerts', 'Pop', 'Songs of the day'), (10, 'Concerts', 'Jazz', 'Small ensembles'),
  (11, 'Concerts', 'Classical', 'Orchestras and choirs');
insert into date
  select 1827 + n, dateadd(day, n, '2025-01-01')::date, to_char(dateadd(day, n, '2025-01-01'), 'DY'),
    date_part(week, dateadd(day, n, '2025-01-01'))::smallint, to_char(dateadd(day, n, '2025-01-01'), 'MON'),
    date_part(qtr, dateadd(day, n, '2025-01-01'))::varchar, 2025, n in (0, 184, 358)
  from slipher_numbers where n < 365;
insert into venue
  select n + 1,
    split_part('Amber,Birch,Copper,Delta,Ember,Falcon,Granite,Harbor,Indigo,Juniper', ',', n % 10 + 1) || ' ' ||
      split_part('Hall,Arena,Theatre,Garden,Stage', ',', n / 10 + 1),
    split_part('Alder,Brook,Cedar,Dover,Elmwood,Fairview,Glen,Hilltop', ',', n % 8 + 1),
    split_part('AL,BR,CE,DO,EL,FA,GL,HI', ',', n % 8 + 1), case when n % 3 = 0 then 0 else 500 + n * 731 % 39500 end
  from slipher_numbers where n < 50;
insert into users
  select n + 1, 'USR' || lpad(((n * 7919) % 10000)::varchar, 5, '0'),
    split_part('Ada,Boris,Clara,Dario,Edith,Felix,Gina,Hugo,Ines,Jonas,Kira,Leo,Mira,Nils,Olga,Paul', ',', n % 16 + 1),
    split_part('Archer,Baker,Carver,Dyer,Fisher,Glover,Hooper,Mason,Porter,Sawyer,Tanner,Weaver,Wright', ',', n * 5 % 13 + 1),
    split_part('Alder,Brook,Cedar,Dover,Elmwood,Fairview,Glen,Hilltop', ',', n * 3 % 8 + 1),
    split_part('AL,BR,CE,DO,EL,FA,GL,HI', ',', n * 3 % 8 + 1), 'user' || (n + 1)::varchar || '@example.com',
    '(555) 01' || (n % 10)::varchar || '-' || lpad((n * 37 % 10000)::varchar, 4, '0'),
    n % 2 = 0, n % 3 = 0, n % 5 = 0, n % 7 = 0, n % 11 = 0, n % 13 = 0, n % 4 = 1, n % 6 = 1, n % 8 = 1,
    case when n % 9 = 1 then null else n % 10 = 1 end
  from slipher_numbers where n < 2000;
insert into event
  select n + 1, n * 17 % 50 + 1, n * 5 % 11 + 1, 1827 + n * 31 % 365,
    split_part('The Long Winter,Northern Lights,Open House,The Paper Moon,Rain or Shine,Second Sight,Slow Train,Tide and Time,'
      || 'Under Glass,Winding Road', ',', n * 7 % 10 + 1) || ' ' || (n / 100 + 1)::varchar,
    dateadd(minute, 840 + n % 4 * 90, dateadd(day, n * 31 % 365, '2025-01-01'))
  from slipher_numbers where n < 800;
insert into listing
  select n + 1, n * 13 % 2000 + 1, n * 3 % 800 + 1, 1827 + n * 11 % 330, n % 8 + 1, 20 + n * 29 % 480,
    (n % 8 + 1) * (20 + n * 29 % 480), dateadd(second, n * 7919 % 86400, dateadd(day, n * 11 % 330, '2025-01-01'))
  from slipher_numbers where n < 6000;
insert into sales
  select row_number() over (order by l.listid)::integer, l.listid, l.sellerid, (l.listid * 19 + 7) % 2000 + 1, l.eventid,
    l.dateid + l.listid % 20, greatest(l.numtickets / 2, 1), greatest(l.numtickets / 2, 1) * l.priceperticket,
    greatest(l.numtickets / 2, 1) * l.priceperticket * 0.15, dateadd(day, l.listid % 20, l.listtime)
  from listing l where l.listid % 6 <> 0;
drop table slipher_numbers;
drop table slipher_n;
