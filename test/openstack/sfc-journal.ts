import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
} from 'node:fs';
import type { FlowInstruction, FlowRule, FlowRules } from './flow-rules.ts';

/** A record of the SFC instructions since some moment; the lab writes each one down, so none is missed. */
export interface FlowWatch {
  /** All instructions so far, in order. */
  instructions(): readonly FlowInstruction[];
}

/** Starts to record at the journal's present end (deploy/openstack-lab: sfc-flows.jsonl). */
export function watchFlows(journalFile: string): FlowWatch {
  const seen: FlowInstruction[] = [];
  let offset = existsSync(journalFile) ? statSync(journalFile).size : 0;
  return {
    instructions: () => {
      const text = existsSync(journalFile) ? readFrom(journalFile, offset) : Buffer.alloc(0);
      // A line is complete with its newline; the rest is read the next time.
      const complete = text.subarray(0, text.lastIndexOf('\n') + 1);
      offset += complete.length;
      for (const line of complete.toString('utf8').split('\n')) {
        if (line !== '') seen.push(parseInstruction(line));
      }
      return seen;
    },
  };
}

/** The rules in force now (deploy/openstack-lab: sfc-flows.json). */
export function readFlowRules(flowsFile: string): FlowRules {
  const rules: unknown = JSON.parse(readFileSync(flowsFile, 'utf8'));
  if (!isFlowRules(rules)) throw new TypeError(`${flowsFile} holds no flow rules`);
  return rules;
}

function readFrom(file: string, offset: number): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const rest = Buffer.alloc(Math.max(0, fstatSync(descriptor).size - offset));
    return rest.subarray(0, readSync(descriptor, rest, 0, rest.length, offset));
  } finally {
    closeSync(descriptor);
  }
}

function parseInstruction(line: string): FlowInstruction {
  const instruction: unknown = JSON.parse(line);
  if (!isInstruction(instruction)) throw new TypeError(`not a flow instruction: ${line}`);
  return instruction;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isFlowRule(value: unknown): value is FlowRule {
  return isObject(value) && 'portchain_id' in value && typeof value.nsi === 'number';
}

function isFlowRules(value: unknown): value is FlowRules {
  return (
    isObject(value) &&
    Object.values(value).every((host) => isObject(host) && Object.values(host).every(isFlowRule))
  );
}

function isInstruction(value: unknown): value is FlowInstruction {
  return (
    isObject(value) && (value.op === 'update' || value.op === 'delete') && isFlowRule(value.rule)
  );
}
