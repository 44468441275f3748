import type { JsonNode } from '../http/json-node.ts';
import type {
  InstanceAction,
  InstanceActionEvent,
  MigrationRecord,
  MigrationType,
} from '../types/compute.ts';

const TYPES: readonly MigrationType[] = ['live-migration', 'migration', 'resize', 'evacuation'];

function typeOf(node: JsonNode): MigrationType {
  const type = node.string('migration_type');
  return (
    TYPES.find((each) => each === type) ?? node.fail('migration_type', `one of ${TYPES.join(', ')}`)
  );
}

function readCommon(node: JsonNode) {
  return {
    id: node.number('id'),
    uuid: node.string('uuid'),
    status: node.string('status'),
    source: node.nullableString('source_compute'),
    dest: node.nullableString('dest_compute'),
    createdAt: node.time('created_at'),
    updatedAt: node.nullableTime('updated_at'),
  };
}

/** Reads a record of the history, `os-migrations`. */
export function readMigration(node: JsonNode): MigrationRecord {
  return {
    ...readCommon(node),
    serverId: node.string('instance_uuid'),
    type: typeOf(node),
    memoryTotalBytes: null,
    memoryProcessedBytes: null,
    memoryRemainingBytes: null,
    diskTotalBytes: null,
    diskProcessedBytes: null,
    diskRemainingBytes: null,
  };
}

/** Reads a live migration in progress, `servers/{id}/migrations`. */
export function readServerMigration(node: JsonNode): MigrationRecord {
  return {
    ...readCommon(node),
    serverId: node.string('server_uuid'),
    type: 'live-migration',
    memoryTotalBytes: node.nullableNumber('memory_total_bytes'),
    memoryProcessedBytes: node.nullableNumber('memory_processed_bytes'),
    memoryRemainingBytes: node.nullableNumber('memory_remaining_bytes'),
    diskTotalBytes: node.nullableNumber('disk_total_bytes'),
    diskProcessedBytes: node.nullableNumber('disk_processed_bytes'),
    diskRemainingBytes: node.nullableNumber('disk_remaining_bytes'),
  };
}

function readEvent(node: JsonNode): InstanceActionEvent {
  return {
    event: node.string('event'),
    result: node.nullableString('result'),
    details: node.nullableString('details'),
    host: node.nullableString('host'),
    startTime: node.time('start_time'),
    finishTime: node.nullableTime('finish_time'),
  };
}

/** Reads an instance action, with its events when it has any. */
export function readInstanceAction(node: JsonNode): InstanceAction {
  return {
    action: node.string('action'),
    requestId: node.string('request_id'),
    serverId: node.string('instance_uuid'),
    startTime: node.time('start_time'),
    updatedAt: node.nullableTime('updated_at'),
    message: node.nullableString('message'),
    events: node.optionalList('events').map(readEvent),
  };
}
