import { attributeOptions, facts, statisticsTarget } from './snapshot-facts.ts'

/** Of indexes and extended statistics: what a rebuild drops and makes again. */
export const indexFacts: readonly string[] = [
  facts(
    'index',
    'i.indexrelid::regclass',
    {
      definition: 'pg_get_indexdef(i.indexrelid)',
      tablespace: '(select spcname from pg_tablespace where oid = c.reltablespace)',
      owner: 'c.relowner::regrole',
      primary: 'i.indisprimary',
      immediate: 'i.indimmediate',
      valid: 'i.indisvalid',
      clustered: 'i.indisclustered',
      replica_identity: 'i.indisreplident',
      comment: `obj_description(c.oid, 'pg_class')`,
    },
    'join pg_index i on i.indrelid = t.oid join pg_class c on c.oid = i.indexrelid',
  ),
  facts(
    'index_column',
    `concat(i.indexrelid::regclass, ' ', a.attnum)`,
    { statistics: statisticsTarget('a', 'attstattarget'), options: attributeOptions('a'), comment: 'd.description' },
    `join pg_index i on i.indrelid = t.oid
     join pg_attribute a on a.attrelid = i.indexrelid and a.attnum > 0
     left join pg_description d on d.classoid = 'pg_class'::regclass and d.objoid = i.indexrelid and d.objsubid = a.attnum`,
  ),
  facts(
    'index_parent',
    'h.inhrelid::regclass',
    { index: 'h.inhparent::regclass' },
    'join pg_index i on i.indrelid = t.oid join pg_inherits h on h.inhrelid = i.indexrelid',
  ),
  facts(
    'extension_dependency',
    'pg_describe_object(d.classid, d.objid, d.objsubid)',
    { extension: 'e.extname', kind: 'd.deptype' },
    `join (
       select 'pg_class'::regclass as classid, oid, oid as relid from target
       union all select 'pg_class'::regclass, indexrelid, indrelid from pg_index
       union all select 'pg_trigger'::regclass, oid, tgrelid from pg_trigger
     ) as part on part.relid = t.oid
     join pg_depend d on d.classid = part.classid and d.objid = part.oid and d.refclassid = 'pg_extension'::regclass and d.deptype in ('x', 'e')
     join pg_extension e on e.oid = d.refobjid`,
  ),
  facts(
    'statistics',
    `concat(s.stxnamespace::regnamespace, '.', quote_ident(s.stxname))`,
    {
      definition: 'pg_get_statisticsobjdef(s.oid)',
      target: statisticsTarget('s', 'stxstattarget'),
      owner: 's.stxowner::regrole',
      comment: `obj_description(s.oid, 'pg_statistic_ext')`,
    },
    'join pg_statistic_ext s on s.stxrelid = t.oid',
  ),
]
