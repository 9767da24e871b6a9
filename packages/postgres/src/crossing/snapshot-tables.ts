import { attributeOptions, facts, optional, statisticsTarget } from './snapshot-facts.ts'

/** Of the tables themselves and what hangs on them, but for indexes. */
export const tableFacts: readonly string[] = [
  facts(
    'table',
    'null',
    {
      kind: 't.relkind',
      persistence: 't.relpersistence',
      owner: 't.relowner::regrole',
      access_method: '(select amname from pg_am where oid = t.relam)',
      tablespace: '(select spcname from pg_tablespace where oid = t.reltablespace)',
      options: 't.reloptions',
      toast_options: '(select reloptions from pg_class where oid = t.reltoastrelid)',
      row_security: 't.relrowsecurity',
      force_row_security: 't.relforcerowsecurity',
      replica_identity: 't.relreplident',
      of_type: 'nullif(t.reloftype, 0)::regtype',
      partition: 'pg_get_expr(t.relpartbound, t.oid)',
      partition_key: `case when t.relkind = 'p' then pg_get_partkeydef(t.oid) end`,
    },
    '',
  ),
  facts('parent', 'i.inhseqno', { table: 'i.inhparent::regclass' }, 'join pg_inherits i on i.inhrelid = t.oid'),
  facts('child', 'null', { table: 'i.inhrelid::regclass' }, 'join pg_inherits i on i.inhparent = t.oid'),
  facts('grant', 'null', { entry: 'acl.entry' }, 'cross join unnest(t.relacl) as acl(entry)'),
  facts(
    'comment',
    'a.attname',
    { text: 'd.description' },
    `join pg_description d on d.classoid = 'pg_class'::regclass and d.objoid = t.oid
     left join pg_attribute a on a.attrelid = t.oid and a.attnum = d.objsubid and d.objsubid <> 0`,
  ),
  facts(
    'security_label',
    `concat(l.provider, ' ', l.objsubid)`,
    { label: 'l.label' },
    `join pg_seclabel l on l.classoid = 'pg_class'::regclass and l.objoid = t.oid`,
  ),
  facts(
    'column',
    `lpad((row_number() over (partition by t.oid order by a.attnum))::text, 4, '0') || ' ' || quote_ident(a.attname)`,
    {
      type: 'format_type(a.atttypid, a.atttypmod)',
      collation: 'nullif(a.attcollation, 0)::regcollation',
      not_null: 'a.attnotnull',
      default: 'pg_get_expr(d.adbin, d.adrelid)',
      identity: `nullif(a.attidentity, '')`,
      generated: `nullif(a.attgenerated, '')`,
      storage: 'a.attstorage',
      compression: `nullif(${optional('a', 'attcompression')}, '')`,
      statistics: statisticsTarget('a', 'attstattarget'),
      options: attributeOptions('a'),
      grants: 'a.attacl',
      local: 'a.attislocal',
      inherited: 'a.attinhcount',
    },
    `join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
     left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum`,
  ),
  facts(
    'constraint',
    `quote_ident(c.conname) || ' on ' || c.conrelid::regclass`,
    {
      definition: 'pg_get_constraintdef(c.oid)',
      validated: 'c.convalidated',
      enforced: optional('c', 'conenforced'),
      local: 'c.conislocal',
      inherited: 'c.coninhcount',
      no_inherit: 'c.connoinherit',
      index: 'nullif(c.conindid, 0)::regclass',
      comment: `obj_description(c.oid, 'pg_constraint')`,
    },
    // By way of a list of both ends, which can be hashed: every table would else be held against every constraint
    `join (select oid, conrelid as touched from pg_constraint union select oid, confrelid from pg_constraint) as touching on touching.touched = t.oid
     join pg_constraint c on c.oid = touching.oid and c.conrelid not in (select oid from created)`,
  ),
  facts(
    'trigger',
    'quote_ident(g.tgname)',
    { definition: 'pg_get_triggerdef(g.oid)', enabled: 'g.tgenabled', comment: `obj_description(g.oid, 'pg_trigger')` },
    'join pg_trigger g on g.tgrelid = t.oid and not g.tgisinternal',
  ),
  // Their own names hold oids
  facts(
    'constraint_trigger',
    `quote_ident(c.conname) || ' ' || g.tgfoid::regproc`,
    { enabled: 'g.tgenabled' },
    `join pg_trigger g on g.tgrelid = t.oid and g.tgisinternal
     join pg_constraint c on c.oid = g.tgconstraint and c.conrelid not in (select oid from created)`,
  ),
  facts(
    'rule',
    'quote_ident(r.rulename)',
    { definition: 'pg_get_ruledef(r.oid)', enabled: 'r.ev_enabled', comment: `obj_description(r.oid, 'pg_rewrite')` },
    'join pg_rewrite r on r.ev_class = t.oid',
  ),
  facts(
    'policy',
    'quote_ident(p.polname)',
    {
      command: 'p.polcmd',
      permissive: 'p.polpermissive',
      roles: 'p.polroles::regrole[]',
      using: 'pg_get_expr(p.polqual, p.polrelid)',
      check: 'pg_get_expr(p.polwithcheck, p.polrelid)',
      comment: `obj_description(p.oid, 'pg_policy')`,
    },
    'join pg_policy p on p.polrelid = t.oid',
  ),
  facts(
    'publication',
    'quote_ident(p.pubname)',
    { columns: optional('r', 'prattrs'), where: optional('r', 'prqual') },
    'join pg_publication_rel r on r.prrelid = t.oid join pg_publication p on p.oid = r.prpubid',
  ),
  facts(
    'sequence',
    's.seqrelid::regclass',
    {
      type: 's.seqtypid::regtype',
      start: 's.seqstart',
      increment: 's.seqincrement',
      minimum: 's.seqmin',
      maximum: 's.seqmax',
      cache: 's.seqcache',
      cycle: 's.seqcycle',
      ownership: 'd.deptype',
      column: 'a.attname',
      owner: 'c.relowner::regrole',
      persistence: 'c.relpersistence',
      grants: 'c.relacl',
      comment: `obj_description(c.oid, 'pg_class')`,
    },
    `join pg_depend d on d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = t.oid and d.deptype in ('a', 'i')
     join pg_sequence s on s.seqrelid = d.objid
     join pg_class c on c.oid = s.seqrelid
     left join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid`,
  ),
]
