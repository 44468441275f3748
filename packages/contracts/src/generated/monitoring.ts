// Generated from openapi/monitoring.yaml by generate.ts; not edited by hand.

export interface paths {
    "/fleet": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The whole inventory, with its age; or what changed of it
         * @description With `since`, a `revision` of an earlier answer, servers and chains are only those that changed after it, and `goneIds` those that are no more; hosts and server groups are always all. Where that revision is not known any more (another process, too long ago) everything comes, and `since` in the answer is null.
         */
        get: operations["getFleet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/latest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The newest sample of every series of a metric */
        get: operations["listLatest"];
        put?: never;
        /** The newest samples of a metric, of the resources named */
        post: operations["queryLatest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/series": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which series there are */
        get: operations["listSeries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/query": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Windows of samples, aggregated by step
         * @description Give `from` and `to`, or `lastMs`. Steps are aligned to multiples of `stepMs` since the epoch; a step without a sample is null. A query of more than 2,000,000 steps in all is refused, and one for which more than 20,000,000 samples or rollups would have to be read.
         */
        post: operations["querySeries"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/samples": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Write samples
         * @description Answered once the samples are stored. At most 10,000 a request; all or none are taken.
         */
        post: operations["writeSamples"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/query/top": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The series that were highest or lowest */
        post: operations["queryTop"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/query/csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The same as CSV (RFC 4180), a row a series and step */
        post: operations["querySeriesCsv"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Samples as they come (server-sent events)
         * @description Events `sample` with `{resource, metric, labels, timestampMs, value}`; `dropped` with how many were left out because the reader was too slow; a comment every 15 s. At most 100 readers.
         */
        get: operations["streamSamples"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/collectd": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * collectd's write_http plugin, Format "JSON", StoreRates false
         * @description As over UDP: raw readings and canonical metrics. `Password` is a token of role operator, `User` its name. Answered once kept. Rates (StoreRates true) are not taken, as what they count is lost. `Notifications true` posts alerts to the same address: they are listed by `GET /notifications`.
         */
        post: operations["writeCollectd"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/write": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * InfluxDB 1.x line protocol (Telegraf's output influxdb)
         * @description The tag `host` names the resource. Telegraf's cpu, mem, system and disk become canonical metrics; every number is kept as `influx.<measurement>.<field>`, its tags as labels. All lines are taken, or none.
         */
        post: operations["writeLines"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v2/write": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The same for InfluxDB 2.x (Telegraf's output influxdb_v2) */
        post: operations["writeLinesV2"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/alertmanager": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Prometheus Alertmanager's webhook
         * @description Each alert is a series `external.alert` (1 firing, 0 resolved) of the resource that its label `host`, `instance` or `node` names, so that the rule `external-alert` raises it. Firing ones are repeated for five hours: Alertmanager's repeat_interval has to be shorter.
         */
        post: operations["takeAlerts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/alarm-rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The rules */
        get: operations["listAlarmRules"];
        put?: never;
        /** Add a rule */
        post: operations["createAlarmRule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/alarm-rules/{ruleId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example host-cpu-high */
                ruleId: components["parameters"]["RuleId"];
            };
            cookie?: never;
        };
        /** One rule */
        get: operations["getAlarmRule"];
        /** Change a rule; its raised alarms are judged anew by it */
        put: operations["replaceAlarmRule"];
        post?: never;
        /** Remove a rule; its alarms are cleared */
        delete: operations["deleteAlarmRule"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/alarm-rules/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a rule would have raised on the samples of the last time */
        post: operations["previewAlarmRule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/silences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Silences, also those that ended within a week */
        get: operations["listSilences"];
        put?: never;
        /** Tell nobody of some alarms for a time */
        post: operations["createSilence"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/silences/{silenceId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 00000000-0000-4000-8000-000000000000 */
                silenceId: components["parameters"]["SilenceId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a silence now */
        delete: operations["endSilence"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is told of alarms */
        get: operations["listWebhooks"];
        put?: never;
        /**
         * Tell somebody of alarms
         * @description Each raised or cleared alarm is posted as JSON `{alarm}`, unless inhibited, silenced or flapping. A failed delivery is tried six times over some six minutes, then it is a dead letter. A delivery may come twice.
         */
        post: operations["createWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks/{webhookId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 00000000-0000-4000-8000-000000000000 */
                webhookId: components["parameters"]["WebhookId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Tell it nothing more */
        delete: operations["deleteWebhook"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a webhook could not be told */
        get: operations["listDeadLetters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dead-letters/{deadLetterId}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 00000000-0000-4000-8000-000000000000.abcdef.raised.1 */
                deadLetterId: components["parameters"]["DeadLetterId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try it again
         * @description Refused (`CONFLICT`) where the webhook was told of a later change of the alarm: its last word has to stay the last.
         */
        post: operations["retryDeadLetter"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/alarms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Alarms, raised ones first
         * @description Of each state the one that came into it last comes first. An alarm that stays in its state while page after page is read is on one of them, once.
         */
        get: operations["listAlarms"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/alarms/{alarmId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One alarm */
        get: operations["getAlarm"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/quality": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Of each host, server and chain, whether its telemetry can be relied on
         * @description `unknown`: its load does not arrive. `suspect`: it arrives, with a fault: stale or gappy series, a clock off by more than 10 s, a value stuck for 30 intervals, an implausible jump, a value outside its unit's bounds.
         */
        get: operations["listQuality"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/notifications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What agents said of themselves and of their own thresholds (collectd's notifications), newest first
         * @description The newest 10,000 are kept, also over a restart. More than 1,000 within a second are a flood and counted (`sidestep_collectd_notifications_dropped_total`). They raise no alarm by themselves.
         */
        get: operations["listNotifications"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/doctor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is wrong with the agents, and what to do about it
         * @description Of every host and server of the VIM the expected metrics: missing, stale (late), gappy, skewed in time, stuck or in a wrong unit; who is not trusted; datagrams that were refused; who sends and is known to nobody.
         */
        get: operations["getDoctor"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/reconciliation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What only one side knows, the VIM or the telemetry */
        get: operations["getReconciliation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/quality/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example compute1 */
                id: components["parameters"]["NiMonId"];
            };
            cookie?: never;
        };
        /** The quality of each series of a host, server or chain */
        get: operations["getQuality"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/log-templates/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example compute1 */
                id: components["parameters"]["NiMonId"];
            };
            cookie?: never;
        };
        /**
         * The forms that the messages of a host or server have
         * @description From syslog (RFC 5424, RFC 3164; `SIDESTEP_SYSLOG_PORT`) and collectd's notifications. Messages are not kept: where they differ, and where one holds a number, a name, an address, a path, a quoted text or anything that looks like a secret, its template has `<*>`. The most severe first. Kept in memory, at most 500 a host, the longest unused go first.
         */
        get: operations["listLogTemplates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/topology": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ids of nodes and links */
        get: operations["getTopology"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/nodes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Nodes (compute hosts) */
        get: operations["listNodes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/nodes/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example compute1 */
                id: components["parameters"]["NiMonId"];
            };
            cookie?: never;
        };
        /** One node */
        get: operations["getNode"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Links between nodes */
        get: operations["listLinks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/link/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example compute1 */
                id: components["parameters"]["NiMonId"];
            };
            cookie?: never;
        };
        /** One link */
        get: operations["getLink"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/link_between_nodes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The link between two nodes, in either order */
        get: operations["getLinkBetweenNodes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/vnfflavors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** VNF flavors */
        get: operations["listVnfFlavors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/vnfflavors/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example compute1 */
                id: components["parameters"]["NiMonId"];
            };
            cookie?: never;
        };
        /** One VNF flavor */
        get: operations["getVnfFlavor"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/vnfinstances": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** VNF instances (servers) */
        get: operations["listVnfInstances"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/vnfinstances/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example compute1 */
                id: components["parameters"]["NiMonId"];
            };
            cookie?: never;
        };
        /** One VNF instance */
        get: operations["getVnfInstance"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/measurement_types/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example compute1 */
                id: components["parameters"]["NiMonId"];
            };
            cookie?: never;
        };
        /** What is measured of a node or instance */
        get: operations["listMeasurementTypes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/measurements/{id}/{measurement_type}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example compute1 */
                id: components["parameters"]["NiMonId"];
                /** @example cpu_usage___value___gauge */
                measurement_type: components["parameters"]["MeasurementType"];
            };
            cookie?: never;
        };
        /** Measurements in a range */
        get: operations["listMeasurements"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/last_measurement/{id}/{measurement_type}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example compute1 */
                id: components["parameters"]["NiMonId"];
                /** @example cpu_usage___value___gauge */
                measurement_type: components["parameters"]["MeasurementType"];
            };
            cookie?: never;
        };
        /** The newest measurement */
        get: operations["getLastMeasurement"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Is the process alive? */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Can it do its work now, and if not, what is missing? */
        get: operations["getReady"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/capabilities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What this installation can do, read from what it is connected to */
        get: operations["getCapabilities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Prometheus metrics of the process */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @example host.cpuPercent */
        MetricName: string;
        Labels: {
            [key: string]: string;
        };
        Fleet: {
            /**
             * Format: date-time
             * @description When it was read from the VIM; null before the first time.
             */
            observedAt: string | null;
            ageMs: number | null;
            /** @description Why the last refresh failed; null when it did not. */
            problem: string | null;
            /** @description Of servers and chains; for `since`. */
            revision?: string;
            /** @description Servers and chains are what changed after it; null where they are all. */
            since?: string | null;
            /** @description Servers and chains that are no more since then. */
            goneIds?: string[];
            hosts: components["schemas"]["Host"][];
            servers: components["schemas"]["Server"][];
            serverGroups: components["schemas"]["ServerGroup"][];
            chains: components["schemas"]["Chain"][];
        };
        Host: {
            id: components["schemas"]["HostId"];
            /** @enum {string} */
            state: "up" | "down";
            /** @enum {string} */
            status: "enabled" | "disabled";
            disabledReason: string | null;
            zone: string | null;
            /** @description Names of Nova's host aggregates; none where the account may not list them. */
            aggregates: string[];
            ip: string | null;
            /** @description Physical cores, of which host.cpuPercent is a share: Placement's total of VCPU. */
            cores: number;
            /** @description Allocatable VCPU by Placement: (total − reserved) × allocation ratio. */
            vcpus: number;
            vcpusUsed: number;
            ramMiB: number;
            ramUsedMiB: number;
            diskGiB: number;
            diskUsedGiB: number;
            /** @description Metadata of Nova's aggregates that it is in, each key with its values; absent where they have none. */
            aggregateMetadata?: {
                [key: string]: string[];
            };
            /**
             * @description Whether its host.cpuPercent arrives.
             * @enum {string}
             */
            telemetry: "fresh" | "stale" | "missing";
            quality?: components["schemas"]["HostQuality"];
            /** @description Whether everything that it sent was signed, encrypted or came with a token, or unsigned is allowed. */
            trusted?: boolean;
        };
        Server: {
            id: components["schemas"]["ServerId"];
            name: string;
            hostId: string | null;
            /** @description Nova's server status. */
            status: string;
            taskState: string | null;
            flavorId: string | null;
            imageId: string | null;
            vcpus: number;
            ramMiB: number;
            diskGiB: number;
            tags: string[];
            /** @description Keystone's project that it belongs to; absent where it is not told. */
            projectId?: string;
            /** @description Availability zone of its host; null where Nova tells none. */
            zone?: string | null;
            facts?: components["schemas"]["ServerFacts"];
            /** @description Whether everything that it sent was signed, encrypted or came with a token, or unsigned is allowed. */
            trusted?: boolean;
            ports: {
                id: string;
                name: string;
                networkId: string;
                /** @description binding:host_id. */
                hostId: string | null;
                ipAddresses: string[];
            }[];
        };
        /** @description What a live migration may founder on; absent where nothing is out of the ordinary. */
        ServerFacts: {
            locked: boolean;
            /** @description Whether it has a disk on its host, not only volumes. */
            localDisk: boolean;
            /** @description Of its flavor. */
            extraSpecs: {
                [key: string]: string;
            };
            /** @description Those of its image that tie it to hardware or ask for traits (hw_cpu_policy, hw_mem_page_size, hw_mem_encryption, hw_numa_*, hw_tpm_*, trait:*); absent where there are none. Of a server that boots from a volume they are not known. */
            imageProperties?: {
                [key: string]: string;
            };
            /** @description binding:vnic_type of its ports. */
            vnicTypes: string[];
        };
        /** @enum {string} */
        QualityVerdict: "good" | "suspect" | "unknown";
        /** @enum {string} */
        QualityFault: "missing" | "stale" | "gappy" | "clock-skew" | "stuck" | "implausible-jump" | "wrong-unit";
        QualityReason: {
            metric: string;
            fault: components["schemas"]["QualityFault"];
        };
        HostQuality: {
            verdict: components["schemas"]["QualityVerdict"];
            reasons: components["schemas"]["QualityReason"][];
        };
        ResourceQuality: {
            resource: string;
            /** @enum {string} */
            kind: "host" | "server" | "chain";
            verdict: components["schemas"]["QualityVerdict"];
            /** @description False where something of it came unsigned, unless that is allowed. */
            trusted: boolean;
            reasons: components["schemas"]["QualityReason"][];
        };
        LogTemplate: {
            /** @description The program; empty where none is told. */
            app: string;
            /** @description Its words; `<*>` stands for any. */
            template: string;
            /**
             * @description The most severe of its messages (RFC 5424).
             * @enum {string}
             */
            severity: "emergency" | "alert" | "critical" | "error" | "warning" | "notice" | "informational" | "debug";
            count: number;
            /** Format: date-time */
            firstSeen: string;
            /** Format: date-time */
            lastSeen: string;
        };
        ResourceQualityDetail: {
            resource: string;
            /** @enum {string} */
            kind: "host" | "server" | "chain";
            verdict: components["schemas"]["QualityVerdict"];
            /** @description False where something of it came unsigned, unless that is allowed. */
            trusted: boolean;
            reasons: components["schemas"]["QualityReason"][];
            series: {
                metric: string;
                labels: components["schemas"]["Labels"];
                /** @enum {string} */
                freshness: "fresh" | "stale" | "missing";
                /** @description Share of the expected samples that did not come; null before ten were expected. */
                gapRatio: number | null;
                /** @description The sender's clock against ours, positive when it runs ahead. */
                clockSkewMs: number | null;
                unchangedMs: number;
                faults: components["schemas"]["QualityFault"][];
            }[];
        };
        ServerGroup: {
            id: string;
            name: string;
            /** @description affinity, anti-affinity, soft-affinity or soft-anti-affinity. */
            policy: string;
            memberIds: string[];
        };
        Chain: {
            id: string;
            name: string;
            flowClassifierIds: string[];
            hops: {
                portPairGroupId: string;
                members: {
                    portPairId: string;
                    ingressPortId: string;
                    egressPortId: string;
                    serverId: string | null;
                }[];
            }[];
        };
        Sample: {
            resource: components["schemas"]["ResourceId"];
            metric: components["schemas"]["MetricName"];
            labels?: components["schemas"]["Labels"];
            /** @description Milliseconds since the epoch, from the year 2000 on: seconds would lie in 1970. */
            timestampMs: number;
            value: number;
        };
        LatestSample: {
            resource: string;
            metric: string;
            labels: components["schemas"]["Labels"];
            timestamp: components["schemas"]["Timestamp"];
            value: number;
            ageMs: number;
            fresh: boolean;
        };
        Series: {
            resource: string;
            metric: string;
            labels: components["schemas"]["Labels"];
            /** @description As the sender states it. */
            intervalMs: number | null;
            /** Format: date-time */
            newest: string | null;
        };
        SeriesQuery: {
            /** @description Default: every resource. */
            resources?: components["schemas"]["ResourceId"][];
            metrics: components["schemas"]["MetricName"][];
            from?: components["schemas"]["Timestamp"];
            to?: components["schemas"]["Timestamp"];
            /** @description The range up to now, in place of from and to. */
            lastMs?: number;
            stepMs: number;
            /** @enum {string} */
            aggregate: "mean" | "max" | "min" | "last" | "count" | "percentile" | "rate";
            /** @description By nearest rank; required by aggregate percentile. */
            percentile?: number;
            /**
             * @description One row a group in place of one a series: by the host (a server's is where it runs), its zone or its host aggregates; a host of several aggregates counts in each. The row's resource is the group's name.
             * @enum {string}
             */
            groupBy?: "host" | "zone" | "aggregate";
            /**
             * @default mean
             * @enum {string}
             */
            groupAggregate?: "mean" | "max" | "min" | "sum" | "count";
        };
        SeriesWindows: {
            fromMs: number;
            toMs: number;
            stepMs: number;
            steps: number;
            series: {
                resource: string;
                metric: string;
                labels: components["schemas"]["Labels"];
                values: (number | null)[];
            }[];
            /** @description Only where the range begins before what is kept in a form that answers this: from when on there is anything, and what is kept for longer. */
            note?: string;
        };
        AlarmRuleSpec: {
            name: string;
            /** @description What is judged. A rule has either a metric or an expression. */
            metric?: components["schemas"]["MetricName"];
            /**
             * @description Several metrics of one resource: numbers, `+ - * /`, parentheses, `min(a, b)`, `max(a, b)`; at most 8 metrics. A minus between metrics needs spaces. It is judged whenever each of its metrics has come anew, and not where it is no number. Its values are the series `expression.<rule's id>`.
             * @example host.netRxBytesPerSecond + host.netTxBytesPerSecond
             */
            expression?: string;
            /** @enum {string} */
            comparison: ">=" | ">" | "<=" | "<";
            threshold: number;
            /** @description How long the breach must last before the alarm is raised. */
            forMs: number;
            /** @description On the calm side of the threshold. */
            clearThreshold: number;
            clearForMs: number;
            /**
             * @description Compare the aggregate over this window, by default the mean; 0: each sample.
             * @default 0
             */
            windowMs?: number;
            /** @enum {string} */
            severity: "critical" | "major" | "minor" | "warning";
            /** @default true */
            enabled?: boolean;
            /**
             * @description How the window becomes one value; rate: growth a second.
             * @default mean
             * @enum {string}
             */
            aggregate?: "mean" | "max" | "min" | "rate" | "percentile";
            /** @description By nearest rank; with the aggregate percentile. */
            percentile?: number;
            /** @description Only series with these labels, e.g. one horizon of a forecast. */
            match?: components["schemas"]["Labels"];
            /** @description Labels that the rule's alarms bear besides their series'. */
            labels?: components["schemas"]["Labels"];
            mode?: components["schemas"]["AlarmMode"];
            /**
             * @description While raised on a host, alarms of the servers on it are inhibited: shown, told to nobody.
             * @default false
             */
            inhibitsServers?: boolean;
        };
        AlarmRule: {
            id: string;
            name: string;
            /** @description Of a rule with an expression: the series of its values. */
            metric: string;
            expression?: string;
            /** @enum {string} */
            comparison: ">=" | ">" | "<=" | "<";
            threshold: number;
            forMs: number;
            clearThreshold: number;
            clearForMs: number;
            windowMs: number;
            /** @enum {string} */
            severity: "critical" | "major" | "minor" | "warning";
            enabled: boolean;
            /** @enum {string} */
            aggregate?: "mean" | "max" | "min" | "rate" | "percentile";
            percentile?: number;
            match?: components["schemas"]["Labels"];
            labels?: components["schemas"]["Labels"];
            mode?: components["schemas"]["AlarmMode"];
            inhibitsServers?: boolean;
        };
        /**
         * @description What may be done about it at most: recommend a move, or act as Migration's mode says (default).
         * @enum {string}
         */
        AlarmMode: "recommend" | "act";
        CollectdValueList: {
            values: (number | null)[];
            dstypes: ("gauge" | "derive" | "counter" | "absolute")[];
            dsnames: string[];
            /** @description Seconds since the epoch. */
            time: number;
            /** @description Seconds. */
            interval: number;
            host: string;
            plugin: string;
            plugin_instance?: string;
            type: string;
            type_instance?: string;
        };
        /** @description A notification as write_http posts it, in Alertmanager's form. */
        CollectdNotification: {
            labels: {
                alertname: string;
                instance: string;
                /** @enum {string} */
                severity: "FAILURE" | "WARNING" | "OKAY";
            } & {
                [key: string]: string;
            };
            /** @description `summary` is the message. */
            annotations?: Record<string, never>;
            /** Format: date-time */
            startsAt: string;
            endsAt?: string;
            generatorURL?: string;
        };
        AlertmanagerMessage: {
            /** @enum {string} */
            version: "4";
            groupKey?: string;
            truncatedAlerts?: number;
            /** @enum {string} */
            status: "firing" | "resolved";
            receiver?: string;
            groupLabels?: Record<string, never>;
            commonLabels?: Record<string, never>;
            commonAnnotations?: Record<string, never>;
            externalURL?: string;
            alerts: {
                /** @enum {string} */
                status: "firing" | "resolved";
                labels: {
                    [key: string]: string;
                };
                annotations?: Record<string, never>;
                startsAt?: string;
                endsAt?: string;
                generatorURL?: string;
                fingerprint?: string;
            }[];
        };
        /** @description Every named property has to be equal. */
        AlarmMatcher: {
            resource?: components["schemas"]["ResourceId"];
            ruleId?: string;
            metric?: components["schemas"]["MetricName"];
            /** @enum {string} */
            severity?: "critical" | "major" | "minor" | "warning";
        };
        SilenceSpec: {
            matcher: components["schemas"]["AlarmMatcher"];
            comment: string;
            startsAt?: components["schemas"]["Timestamp"];
            expiresAt: components["schemas"]["Timestamp"];
        };
        /** @enum {string} */
        NotificationSeverity: "failure" | "warning" | "okay";
        Notification: {
            id: string;
            /** @description The host or server that the agent reports for. */
            resource: string;
            /** @description collectd's Hostname. */
            agent: string;
            plugin: string;
            pluginInstance: string;
            type: string;
            typeInstance: string;
            severity: components["schemas"]["NotificationSeverity"];
            /** @description At most 1000 characters of it. */
            message: string;
            timestamp: components["schemas"]["Timestamp"];
            receivedAt: components["schemas"]["Timestamp"];
            /** @description It came signed or encrypted, or unsigned is allowed. */
            trusted: boolean;
        };
        Silence: {
            id: string;
            matcher: components["schemas"]["AlarmMatcher"];
            /** @description Name of the token that made it. */
            author: string;
            comment: string;
            startsAt: components["schemas"]["Timestamp"];
            expiresAt: components["schemas"]["Timestamp"];
            active: boolean;
        };
        WebhookSpec: {
            name: string;
            url: string;
            /**
             * @default warning
             * @enum {string}
             */
            minSeverity?: "critical" | "major" | "minor" | "warning";
        };
        Webhook: {
            id: string;
            name: string;
            url: string;
            /** @enum {string} */
            minSeverity: "critical" | "major" | "minor" | "warning";
        };
        DeadLetter: {
            id: string;
            webhookId: string;
            alarm: components["schemas"]["Alarm"];
            attempts: number;
            /** @description Why the last attempt failed, or what it was overtaken by. */
            problem: string | null;
            /** @description The webhook was told of a later change of the alarm meanwhile; it is not tried again. */
            overtaken: boolean;
        };
        RulePreview: {
            series: number;
            samples: number;
            alarms: {
                alarmId: string;
                resource: string;
                labels: components["schemas"]["Labels"];
                raisedAt: components["schemas"]["Timestamp"];
                /** Format: date-time */
                clearedAt: string | null;
                value: number | null;
            }[];
        };
        /** @enum {string} */
        AlarmState: "pending" | "raised" | "cleared";
        Alarm: {
            /** @description Fingerprint of rule and series, whichever model wrote it; the same condition has the same id. */
            id: string;
            ruleId: string;
            resource: string;
            metric: string;
            /** @description What was measured for it: the metric, or those of the rule's expression. */
            metrics?: string[];
            /** @enum {string} */
            severity: "critical" | "major" | "minor" | "warning";
            state: components["schemas"]["AlarmState"];
            /** @description The newest judged value; null when the series is stale. */
            value: number | null;
            threshold: number;
            since: components["schemas"]["Timestamp"];
            /** Format: date-time */
            raisedAt: string | null;
            /** Format: date-time */
            clearedAt: string | null;
            updatedAt: components["schemas"]["Timestamp"];
            labels?: components["schemas"]["Labels"];
            mode?: components["schemas"]["AlarmMode"];
            /** @description The raised alarm of its host that explains it. */
            inhibitedBy?: string | null;
            /** @description Ids of silences. */
            silencedBy?: string[];
            /** @description Raised four times or more within half an hour. */
            flapping?: boolean;
        };
        Topology: {
            nodes: string[];
            links: string[];
        };
        Node: {
            id: string;
            name: string;
            /** @enum {string} */
            type: "compute" | "switch";
            status: string;
            ip: string | null;
            n_cores: number;
            n_cores_free: number;
            core_freq_mhz: number | null;
            ram_mb: number;
            ram_free_mb: number;
            ram_freq_mhz: number | null;
        };
        Link: {
            id: string;
            node1_id: string;
            node2_id: string;
            delay_us: number | null;
            max_bw_mbps: number | null;
        };
        VNFFlavor: {
            id: string;
            name: string;
            capacity_mbps: number | null;
            delay_us: number | null;
            n_cores: number;
            ram_mb: number;
        };
        VNFInstance: {
            id: string;
            name: string;
            is_container: boolean;
            status: string;
            flavor_id: string | null;
            image_id: string | null;
            node_id: string | null;
            ports: components["schemas"]["NetworkPort"][];
        };
        NetworkPort: {
            port_id: string;
            port_name: string;
            network_id: string;
            ip_addresses: string[];
        };
        MonitoringEntry: {
            timestamp: components["schemas"]["Timestamp"];
            component_type: string;
            component_id: string;
            measurement_type: string;
            measurement_value: number;
        };
        Problem: {
            /** @description Address of the description of this kind of problem. */
            type: string;
            title: string;
            status: number;
            detail: string;
            instance: string;
            /** @description Stable name of the kind of problem. */
            code: string;
            traceId: string;
            errors?: {
                /** @description Where in the request, as a JSON pointer or a parameter's name. */
                pointer: string;
                detail: string;
            }[];
        };
        Health: {
            /** @enum {string} */
            status: "ok";
            service: string;
            version: string;
            uptimeMs: number;
        };
        Readiness: {
            ready: boolean;
            parts: {
                name: string;
                ok: boolean;
                detail: string | null;
            }[];
        };
        Capabilities: {
            service: string;
            capabilities: {
                name: string;
                available: boolean;
                detail: string;
            }[];
        };
        /** @description A compute host's name, a server's UUID or a port chain's UUID. */
        ResourceId: string;
        /** @description The compute host's name. */
        HostId: string;
        ServerId: string;
        /** Format: date-time */
        Timestamp: string;
        /** @description Pass it as `cursor` for the next page; null at the end. */
        Cursor: string | null;
    };
    responses: {
        /** @description What went wrong (RFC 9457). */
        Problem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "https://sidestep.example/problems/not-found",
                 *       "title": "No such thing",
                 *       "status": 404,
                 *       "detail": "There is no alarm 3f2a",
                 *       "instance": "/alarms/3f2a",
                 *       "code": "NOT_FOUND",
                 *       "traceId": "0d8f6d3ac1f34f55"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        /** @example host-cpu-high */
        RuleId: string;
        /** @example 00000000-0000-4000-8000-000000000000 */
        SilenceId: string;
        /** @example 00000000-0000-4000-8000-000000000000 */
        WebhookId: string;
        /** @example 00000000-0000-4000-8000-000000000000.abcdef.raised.1 */
        DeadLetterId: string;
        /** @example compute1 */
        NiMonId: components["schemas"]["ResourceId"];
        /** @example cpu_usage___value___gauge */
        MeasurementType: string;
        /** @description Most rows of the page. */
        Limit: number;
        /** @description The `nextCursor` of the page before. */
        Cursor: string;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getFleet: {
        parameters: {
            query?: {
                /** @example 0badcafe-1 */
                since?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As of the last successful refresh. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Fleet"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listLatest: {
        parameters: {
            query: {
                /** @example host.cpuPercent */
                metric: components["schemas"]["MetricName"];
                resource?: components["schemas"]["ResourceId"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One entry a series; `fresh` is false past three intervals. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "samples": [
                     *         {
                     *           "resource": "compute1",
                     *           "metric": "host.cpuPercent",
                     *           "labels": {},
                     *           "timestamp": "2026-11-20T12:00:00.000Z",
                     *           "value": 41.5,
                     *           "ageMs": 400,
                     *           "fresh": true
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        samples: components["schemas"]["LatestSample"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    queryLatest: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "metric": "host.cpuPercent",
                 *       "resources": [
                 *         "compute1",
                 *         "compute2"
                 *       ]
                 *     }
                 */
                "application/json": {
                    metric: components["schemas"]["MetricName"];
                    resources: components["schemas"]["ResourceId"][];
                };
            };
        };
        responses: {
            /** @description One entry a series; `fresh` is false past three intervals. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "samples": [
                     *         {
                     *           "resource": "compute1",
                     *           "metric": "host.cpuPercent",
                     *           "labels": {},
                     *           "timestamp": "2026-11-20T12:00:00.000Z",
                     *           "value": 41.5,
                     *           "ageMs": 400,
                     *           "fresh": true
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        samples: components["schemas"]["LatestSample"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listSeries: {
        parameters: {
            query?: {
                metric?: components["schemas"]["MetricName"];
                resource?: components["schemas"]["ResourceId"];
                /** @description Most rows of the page. */
                limit?: components["parameters"]["Limit"];
                /** @description The `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of series. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        series: components["schemas"]["Series"][];
                        nextCursor: components["schemas"]["Cursor"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    querySeries: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SeriesQuery"];
            };
        };
        responses: {
            /** @description One row a series, `values[i]` being the step that starts at `fromMs + i × stepMs`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SeriesWindows"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    writeSamples: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "samples": [
                 *         {
                 *           "resource": "compute1",
                 *           "metric": "host.cpuPercent",
                 *           "timestampMs": 1763640000000,
                 *           "value": 41.5
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": {
                    samples: components["schemas"]["Sample"][];
                };
            };
        };
        responses: {
            /** @description Stored. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "stored": 1
                     *     }
                     */
                    "application/json": {
                        stored: number;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    queryTop: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "metric": "host.cpuPercent",
                 *       "lastMs": 3600000,
                 *       "limit": 10
                 *     }
                 */
                "application/json": {
                    metric: components["schemas"]["MetricName"];
                    resources?: components["schemas"]["ResourceId"][];
                    lastMs: number;
                    /**
                     * @default mean
                     * @enum {string}
                     */
                    aggregate?: "mean" | "max" | "min" | "last" | "count" | "percentile" | "rate";
                    percentile?: number;
                    limit: number;
                    /**
                     * @default highest
                     * @enum {string}
                     */
                    order?: "highest" | "lowest";
                };
            };
        };
        responses: {
            /** @description At most `limit` series, the furthest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        series: {
                            resource: string;
                            metric: string;
                            labels: components["schemas"]["Labels"];
                            value: number;
                        }[];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    querySeriesCsv: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "metrics": [
                 *         "host.cpuPercent"
                 *       ],
                 *       "lastMs": 3600000,
                 *       "stepMs": 60000,
                 *       "aggregate": "mean"
                 *     }
                 */
                "application/json": components["schemas"]["SeriesQuery"];
            };
        };
        responses: {
            /** @description Columns time, metric, resource, labels (JSON), value; steps without a sample are left out. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    streamSamples: {
        parameters: {
            query: {
                metric: components["schemas"]["MetricName"];
                resource?: components["schemas"]["ResourceId"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Goes on until the reader leaves. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    writeCollectd: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": (components["schemas"]["CollectdValueList"] | components["schemas"]["CollectdNotification"])[];
            };
        };
        responses: {
            /** @description Kept. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    writeLines: {
        parameters: {
            query?: {
                db?: string;
                rp?: string;
                consistency?: string;
                precision?: "ns" | "n" | "us" | "u" | "ms" | "s";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /** @example cpu,host=compute1,cpu=cpu-total usage_idle=42.5 */
                "text/plain": string;
            };
        };
        responses: {
            /** @description Kept. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    writeLinesV2: {
        parameters: {
            query?: {
                org?: string;
                bucket?: string;
                precision?: "ns" | "us" | "ms" | "s";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /** @example mem,host=compute1 used_percent=42.5 */
                "text/plain": string;
            };
        };
        responses: {
            /** @description Kept. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    takeAlerts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "version": "4",
                 *       "status": "firing",
                 *       "receiver": "sidestep",
                 *       "alerts": [
                 *         {
                 *           "status": "firing",
                 *           "labels": {
                 *             "alertname": "HostHot",
                 *             "instance": "compute1:9100",
                 *             "severity": "critical"
                 *           },
                 *           "annotations": {},
                 *           "startsAt": "2026-11-20T12:00:00Z"
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["AlertmanagerMessage"];
            };
        };
        responses: {
            /** @description Taken. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listAlarmRules: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        rules: components["schemas"]["AlarmRule"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createAlarmRule: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AlarmRuleSpec"];
            };
        };
        responses: {
            /** @description Added. */
            201: {
                headers: {
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlarmRule"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getAlarmRule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example host-cpu-high */
                ruleId: components["parameters"]["RuleId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rule. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlarmRule"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceAlarmRule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example host-cpu-high */
                ruleId: components["parameters"]["RuleId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "host CPU high",
                 *       "metric": "host.cpuPercent",
                 *       "comparison": ">=",
                 *       "threshold": 90,
                 *       "forMs": 20000,
                 *       "clearThreshold": 80,
                 *       "clearForMs": 30000,
                 *       "windowMs": 10000,
                 *       "severity": "critical"
                 *     }
                 */
                "application/json": components["schemas"]["AlarmRuleSpec"];
            };
        };
        responses: {
            /** @description Changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlarmRule"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteAlarmRule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example host-cpu-high */
                ruleId: components["parameters"]["RuleId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    previewAlarmRule: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "rule": {
                 *         "name": "host CPU p95 high",
                 *         "metric": "host.cpuPercent",
                 *         "comparison": ">=",
                 *         "threshold": 85,
                 *         "forMs": 20000,
                 *         "clearThreshold": 75,
                 *         "clearForMs": 30000,
                 *         "windowMs": 60000,
                 *         "aggregate": "percentile",
                 *         "percentile": 95,
                 *         "severity": "major"
                 *       },
                 *       "lastMs": 86400000
                 *     }
                 */
                "application/json": {
                    rule: components["schemas"]["AlarmRuleSpec"];
                    lastMs: number;
                };
            };
        };
        responses: {
            /** @description The alarms, oldest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RulePreview"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listSilences: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        silences: components["schemas"]["Silence"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createSilence: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "matcher": {
                 *         "resource": "compute1"
                 *       },
                 *       "comment": "new fans are put in",
                 *       "expiresAt": "2099-01-01T00:00:00Z"
                 *     }
                 */
                "application/json": components["schemas"]["SilenceSpec"];
            };
        };
        responses: {
            /** @description Made; its author is the token's name. */
            201: {
                headers: {
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Silence"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    endSilence: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 00000000-0000-4000-8000-000000000000 */
                silenceId: components["parameters"]["SilenceId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ended. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listWebhooks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        webhooks: components["schemas"]["Webhook"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "pager",
                 *       "url": "https://pager.example/hook",
                 *       "minSeverity": "major"
                 *     }
                 */
                "application/json": components["schemas"]["WebhookSpec"];
            };
        };
        responses: {
            /** @description Added. */
            201: {
                headers: {
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 00000000-0000-4000-8000-000000000000 */
                webhookId: components["parameters"]["WebhookId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listDeadLetters: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Oldest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        deadLetters: components["schemas"]["DeadLetter"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    retryDeadLetter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 00000000-0000-4000-8000-000000000000.abcdef.raised.1 */
                deadLetterId: components["parameters"]["DeadLetterId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It waits to be delivered. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listAlarms: {
        parameters: {
            query?: {
                state?: components["schemas"]["AlarmState"];
                resource?: components["schemas"]["ResourceId"];
                /** @description Most rows of the page. */
                limit?: components["parameters"]["Limit"];
                /** @description The `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of alarms. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        alarms: components["schemas"]["Alarm"][];
                        nextCursor: components["schemas"]["Cursor"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getAlarm: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                alarmId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The alarm. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alarm"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listQuality: {
        parameters: {
            query?: {
                kind?: "host" | "server" | "chain";
                verdict?: components["schemas"]["QualityVerdict"];
                trusted?: boolean;
                /** @description Most rows of the page. */
                limit?: components["parameters"]["Limit"];
                /** @description The `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of verdicts, by kind and id. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "resources": [
                     *         {
                     *           "resource": "compute1",
                     *           "kind": "host",
                     *           "verdict": "suspect",
                     *           "trusted": true,
                     *           "reasons": [
                     *             {
                     *               "metric": "host.memPercent",
                     *               "fault": "stale"
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        resources: components["schemas"]["ResourceQuality"][];
                        nextCursor: components["schemas"]["Cursor"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listNotifications: {
        parameters: {
            query?: {
                severity?: components["schemas"]["NotificationSeverity"];
                resource?: components["schemas"]["ResourceId"];
                /** @description Most rows of the page. */
                limit?: components["parameters"]["Limit"];
                /** @description The `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of notifications. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "notifications": [
                     *         {
                     *           "id": "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
                     *           "resource": "compute1",
                     *           "agent": "compute1",
                     *           "plugin": "load",
                     *           "pluginInstance": "",
                     *           "type": "load",
                     *           "typeInstance": "",
                     *           "severity": "failure",
                     *           "message": "Host compute1, plugin load type load: Data source shortterm is currently 40.0.",
                     *           "timestamp": "2026-11-20T12:00:00.000Z",
                     *           "receivedAt": "2026-11-20T12:00:00.100Z",
                     *           "trusted": true
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        notifications: components["schemas"]["Notification"][];
                        nextCursor: components["schemas"]["Cursor"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getDoctor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Findings, hosts first; none when all is well. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "hosts": 2,
                     *       "servers": 1,
                     *       "findings": [
                     *         {
                     *           "resource": "compute2",
                     *           "metric": "host.memPercent",
                     *           "finding": "missing",
                     *           "hint": "Load collectd's plugin memory on compute2"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        /** @description How many were looked at. */
                        hosts: number;
                        servers: number;
                        findings: {
                            resource: string | null;
                            metric: string | null;
                            /** @enum {string} */
                            finding: "missing" | "stale" | "gappy" | "clock-skew" | "stuck" | "implausible-jump" | "wrong-unit" | "untrusted" | "unknown-resource" | "datagrams-refused" | "samples-lost";
                            hint: string;
                        }[];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getReconciliation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ids; empty lists when both agree. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Hosts, servers and chains that send nothing. */
                        onlyVim: {
                            id: string;
                            /** @enum {string} */
                            kind: "host" | "server" | "chain";
                        }[];
                        /** @description Resources that sent within a day and are in no inventory. */
                        onlyTelemetry: {
                            id: string;
                            newest: components["schemas"]["Timestamp"];
                            fresh: boolean;
                        }[];
                        linksToUnknownNodes: string[];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getQuality: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example compute1 */
                id: components["parameters"]["NiMonId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The verdict and its figures. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResourceQualityDetail"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listLogTemplates: {
        parameters: {
            query?: {
                /** @description Most rows of the page. */
                limit?: components["parameters"]["Limit"];
                /** @description The `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path: {
                /** @example compute1 */
                id: components["parameters"]["NiMonId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of templates. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "resource": "compute1",
                     *       "templates": [
                     *         {
                     *           "app": "kernel",
                     *           "template": "<*> I/O error, dev <*> sector <*>",
                     *           "severity": "error",
                     *           "count": 12,
                     *           "firstSeen": "2026-11-20T12:00:00.000Z",
                     *           "lastSeen": "2026-11-20T12:03:10.000Z"
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        resource: string;
                        templates: components["schemas"]["LogTemplate"][];
                        nextCursor: components["schemas"]["Cursor"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getTopology: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The topology. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Topology"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listNodes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All nodes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Node"][];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getNode: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example compute1 */
                id: components["parameters"]["NiMonId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The node. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Node"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listLinks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All links. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Link"][];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getLink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example compute1 */
                id: components["parameters"]["NiMonId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The link. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Link"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getLinkBetweenNodes: {
        parameters: {
            query: {
                node1_id: components["schemas"]["ResourceId"];
                node2_id: components["schemas"]["ResourceId"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The link. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Link"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listVnfFlavors: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All flavors. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VNFFlavor"][];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getVnfFlavor: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example compute1 */
                id: components["parameters"]["NiMonId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The flavor. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VNFFlavor"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listVnfInstances: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All instances. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VNFInstance"][];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getVnfInstance: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example compute1 */
                id: components["parameters"]["NiMonId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The instance. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VNFInstance"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listMeasurementTypes: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example compute1 */
                id: components["parameters"]["NiMonId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Names such as `cpu_usage___value___gauge`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       "cpu_usage___value___gauge",
                     *       "memory_free___value___gauge"
                     *     ]
                     */
                    "application/json": string[];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listMeasurements: {
        parameters: {
            query: {
                /** @example 2026-11-20T00:00:00Z */
                start_time: components["schemas"]["Timestamp"];
                /** @example 2026-11-20T01:00:00Z */
                end_time: components["schemas"]["Timestamp"];
            };
            header?: never;
            path: {
                /** @example compute1 */
                id: components["parameters"]["NiMonId"];
                /** @example cpu_usage___value___gauge */
                measurement_type: components["parameters"]["MeasurementType"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Oldest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MonitoringEntry"][];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getLastMeasurement: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example compute1 */
                id: components["parameters"]["NiMonId"];
                /** @example cpu_usage___value___gauge */
                measurement_type: components["parameters"]["MeasurementType"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MonitoringEntry"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "ok",
                     *       "service": "monitoring",
                     *       "version": "0.1.0",
                     *       "uptimeMs": 81234
                     *     }
                     */
                    "application/json": components["schemas"]["Health"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getReady: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every part answers. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "ready": true,
                     *       "parts": [
                     *         {
                     *           "name": "store",
                     *           "ok": true,
                     *           "detail": null
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description Some part does not. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "ready": false,
                     *       "parts": [
                     *         {
                     *           "name": "redis",
                     *           "ok": false,
                     *           "detail": "connection refused"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getCapabilities: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One entry a capability. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "service": "nfvo",
                     *       "capabilities": [
                     *         {
                     *           "name": "networking-sfc",
                     *           "available": true,
                     *           "detail": "extension sfc is listed by Neutron"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Capabilities"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Prometheus text exposition format 0.0.4. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
}
