// Generated from openapi/prediction.yaml by generate.ts; not edited by hand.

export interface paths {
    "/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What serves now, and what it still needs */
        get: operations["getStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/outlooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is foreseen: each resource at each horizon, and what answers for it
         * @description The first is the chief one, which Migration acts on. The risks of all of them are written to Monitoring at each tick: `forecast.failureRisk` for the CPU, `forecast.memFailureRisk` for memory, labelled with horizon and model.
         */
        get: operations["listOutlooks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/risks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every host's risk at the last tick */
        get: operations["listRisks"];
        put?: never;
        /**
         * The risk of hosts with a given load added
         * @description One row a pair, in the order asked. Without `addedCpuPercent` it is the host's own risk.
         */
        post: operations["scoreRisks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/classes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The classifier's word on every host: which will have the lowest maximum?
         * @description The main paper's support vector machine, trained by `POST /trainings` with `outlook: destination-class`. It reads the window of all hosts at the last tick and gives each host a margin: the higher, the likelier it is the best destination. A margin is no probability. Nothing stands in where there is no classifier: `unavailable` says why.
         */
        get: operations["listClasses"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/destinations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The host least likely to fail, for a server to move to
         * @description Runs the same policy code as Migration does, on the same view; decides nothing.
         */
        post: operations["rankDestinations"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/trainings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Trainings, newest first */
        get: operations["listTrainings"];
        put?: never;
        /**
         * Train a model on what Monitoring holds
         * @description It serves if it is the first of its outlook, or better than the one that does, beyond chance, on the newest stretch, which neither has seen. `kind` says what is made (`GET /models` tells of the kinds); else the settings do. With the `outlook` `destination-class` it is the classifier of `GET /classes`, always an `svm`.
         */
        post: operations["startTraining"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/trainings/{trainingId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One training, with its progress */
        get: operations["getTraining"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Models, newest first */
        get: operations["listModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/models/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let the model that served before serve again
         * @description Goes back over the models that served, newest first, to the first that can still be used; with the `outlook` `destination-class` over the classifiers.
         */
        post: operations["rollBackModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/models/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example neural-4937e02a */
                version: components["parameters"]["ModelVersion"];
            };
            cookie?: never;
        };
        /** One model */
        get: operations["getModel"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/models/{version}/activation": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example neural-4937e02a */
                version: components["parameters"]["ModelVersion"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let this model serve (also the way back to an earlier one) */
        post: operations["activateModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/scores": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was foreseen against what happened, over the newest stretch
         * @description Each forecast is judged once its horizon has passed, beside the fallback on the same rows. Rows within a horizon of one of our own moves, at its source or destination, are left out: their outcome is the cure's.
         */
        get: operations["getScores"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/explanations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Why a host's risk is what it is
         * @description The additive shares of the features, the past cases most like the present one with what became of them, and how often the model was right at this level of risk.
         */
        get: operations["getExplanation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/incidents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Incidents, newest recorded first */
        get: operations["listIncidents"];
        put?: never;
        /**
         * Tell of an incident that no alarm has seen
         * @description Alarms of Monitoring and hosts that Nova reports down become incidents by themselves.
         */
        post: operations["reportIncident"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/migration-costs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What a live migration would take
         * @description By the formula of pre-copy (Clark et al. 2005) from memory, dirty rate and the bandwidth that both hosts leave; once enough of our own operations are recorded, the time is corrected by a regression on them. Which one answered is named.
         */
        post: operations["estimateMigrationCost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/migration-costs/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What each of many live migrations would take
         * @description As /migration-costs, from one reading of Monitoring for all. A move of a server or host that nobody knows is left out.
         */
        post: operations["estimateMigrationCosts"];
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
        /** @example host.memPercent-12 */
        OutlookId: string;
        Outlook: {
            id: string;
            /** @description Whether Migration acts on it. */
            chief: boolean;
            targetMetric: string;
            /** @description Under which its risks are written to Monitoring. */
            riskMetric: string;
            horizonTicks: number;
            horizonMs: number;
            thresholdPercent: number;
            modelVersion: string | null;
            fallback: components["schemas"]["Fallback"];
            /** Format: date-time */
            lastTick: string | null;
        };
        /** @description Of the forecasts between two levels of risk, how many came true. */
        Reliability: {
            fromRisk: number;
            toRisk: number;
            rows: number;
            meanRisk: number | null;
            observedRate: number | null;
        };
        /** @description A difference with its 95 % interval by a bootstrap over blocks of one horizon. */
        Interval: {
            mean: number;
            low: number;
            high: number;
            blocks: number;
            rows: number;
        };
        /** @description How far a distribution has moved from that of the training: population stability index. */
        Drift: {
            /** @description A metric that the model reads, or `outcome`. */
            feature: string;
            psi: number | null;
            /** @enum {string} */
            verdict: "stable" | "shifting" | "drifted" | "unknown";
            samples: number;
        };
        Scores: {
            outlook: string;
            modelVersion: string | null;
            /** Format: date-time */
            from: string | null;
            /** Format: date-time */
            to: string | null;
            /** @description Forecasts of a host at a tick, with a known outcome. */
            rows: number;
            /** @description Of these those made below the threshold. */
            onsetRows: number;
            baseRate: number | null;
            brier: number | null;
            fallbackBrier: number | null;
            onsetAveragePrecision: number | null;
            fallbackOnsetAveragePrecision: number | null;
            onsetAuroc: number | null;
            /** @description Brier score of the model minus that of the fallback; null before there are blocks enough. */
            worseThanFallback: components["schemas"]["Interval"] | null;
            reliability: components["schemas"]["Reliability"][];
            drift: components["schemas"]["Drift"][];
            /** @description Left out for our own moves. */
            censoredRows: number;
            /** @description Left out because a sample of the horizon is missing. */
            unjudgedRows: number;
            /** @description Ticks of which the horizon is not over. */
            pendingTicks: number;
            /** @description The model that was taken out of service for being worse than the fallback; null when none was. */
            degraded: {
                modelVersion: string;
                at: components["schemas"]["Timestamp"];
                reason: string;
            } | null;
        };
        Explanation: {
            hostId: string;
            outlook: string;
            /** Format: date-time */
            tick: string | null;
            modelVersion: string | null;
            fallback: components["schemas"]["Fallback"];
            risk: number | null;
            unknownReason: string | null;
            reasons: components["schemas"]["Reason"][];
            /** @description Nearest by level, mean, peak, slope and deviation of the window, each scaled by its spread. */
            cases: {
                hostId: string;
                at: components["schemas"]["Timestamp"];
                /** @description As foreseen then. */
                risk: number;
                /** @description What became of it. */
                crossed: boolean;
                distance: number;
                currentPercent: number;
                /** @description Highest of the window before it. */
                peakPercent: number;
            }[];
            /** @description At this level of risk; null while the risk is unknown. */
            reliability: components["schemas"]["Reliability"] | null;
        };
        /** @enum {string} */
        IncidentSource: "operator" | "alarm" | "compute-service";
        Incident: {
            id: string;
            resource: string;
            source: components["schemas"]["IncidentSource"];
            startedAt: components["schemas"]["Timestamp"];
            /** Format: date-time */
            endedAt: string | null;
            note: string;
            recordedAt: components["schemas"]["Timestamp"];
        };
        AskedMove: {
            serverId: components["schemas"]["ServerId"];
            from: components["schemas"]["HostId"];
            to: components["schemas"]["HostId"];
        };
        MigrationCost: {
            serverId: string;
            from: string;
            to: string;
            /** @enum {string} */
            method: "pre-copy-formula" | "regression";
            expectedMs: number;
            /** @description 90 % interval of the regression; null for the formula. */
            lowMs: number | null;
            highMs: number | null;
            /** @description By the formula: Nova tells no downtime to learn from. */
            downtimeMs: number;
            trafficBytes: number;
            /** @description Whether the rounds end by themselves rather than at their limit. */
            converges: boolean;
            /** @description Recorded operations that could be learnt from. */
            operations: number;
            assumptions: {
                memoryMiB: number;
                dirtyMiBPerSecond: number;
                bandwidthMiBPerSecond: number;
                fromCpuPercent: number | null;
                toCpuPercent: number | null;
                notes: string[];
            };
        };
        /** @description What answers in the model's place and why; null when the model answers. */
        Fallback: {
            /** @enum {string} */
            name: "persistence" | "past-rate";
            reason: string;
        } | null;
        PredictionStatus: {
            /** @enum {string} */
            state: "collecting" | "training" | "serving";
            /** @description tensorflow, wasm or cpu; null until it was needed. */
            backend: string | null;
            tickMs: number;
            windowTicks: number;
            horizonTicks: number;
            thresholdPercent: number;
            /**
             * Format: date-time
             * @description End of the newest scored tick; null before the first.
             */
            lastTick: string | null;
            model: components["schemas"]["Model"] | null;
            fallback: components["schemas"]["Fallback"];
            training: components["schemas"]["Training"] | null;
        };
        Reason: {
            feature: string;
            /** @description Share in the log-odds of the risk; positive raises it. */
            contribution: number;
            /** @description In words, with the value. */
            detail: string;
        };
        HostRisks: {
            /**
             * Format: date-time
             * @description End of the newest scored tick; null before the first.
             */
            tick: string | null;
            horizonMs: number;
            thresholdPercent: number;
            outlook?: string;
            targetMetric?: string;
            modelVersion: string | null;
            fallback: components["schemas"]["Fallback"];
            risks: {
                hostId: string;
                /** @description Probability of crossing the threshold within the horizon; null when unknown. */
                risk: number | null;
                /** @description Why there is no risk: a word (no-samples, stale, gaps, unknown-host, in-incident, suspect, unsigned, stale-tick, no-tick), a colon, and a sentence. */
                unknownReason: string | null;
                reasons: components["schemas"]["Reason"][];
            }[];
        };
        HostClasses: {
            /**
             * Format: date-time
             * @description End of the newest tick.
             */
            tick: string | null;
            horizonMs: number;
            modelVersion: string | null;
            /** @description Why no classifier answers; null where one does. Then every margin is null. */
            unavailable: string | null;
            classes: {
                hostId: string;
                /** @description Distance from the host's hyperplane, the higher the better; null when unknown. */
                margin: number | null;
                /** @description Why there is no margin: a word (no-model, unknown-host, no-samples, stale, gaps, suspect, unsigned, stale-tick, no-tick), a colon, and a sentence. */
                unknownReason: string | null;
            }[];
        };
        RiskPair: {
            hostId: components["schemas"]["HostId"];
            serverId?: components["schemas"]["ServerId"];
            /**
             * @description The server's load in percent of this host's CPU; negative where it would be taken away.
             * @default 0
             */
            addedCpuPercent?: number;
            /** @description When the load would be there, a move's end from now: the risk is that of the shortest foreseen horizon that reaches a whole chief horizon beyond it. */
            startsInMs?: number;
        };
        PairRisk: {
            hostId: string;
            serverId: string | null;
            /** @description What scored it; the chief outlook where it is not said. */
            outlook?: string;
            /** @description With the load added. */
            risk: number | null;
            /** @description Without it. */
            hostRisk: number | null;
            /** @description Highest CPU expected within the horizon with the load added; null where the model has no such output. */
            predictedMaxCpuPercent: number | null;
            unknownReason: string | null;
            reasons: components["schemas"]["Reason"][];
        };
        DestinationRanking: {
            serverId: string;
            policy: string;
            destination: string | null;
            stayReason: string | null;
            ranking: {
                hostId: string;
                /** @description The policy's; lower is better. */
                score: number;
                risk: number | null;
                cpuPercent: number | null;
                reasons: components["schemas"]["Reason"][];
            }[];
            rejected: {
                hostId: string;
                why: string;
                detail: string;
            }[];
            modelVersion: string | null;
            fallback: components["schemas"]["Fallback"];
        };
        /** @description What the model is to foresee, by its name in /outlooks, or destination-class. */
        OutlookOrClass: components["schemas"]["OutlookId"] | "destination-class";
        /** @enum {string} */
        ModelKind: "persistence" | "seasonal" | "svm" | "logistic" | "boosted-trees" | "neural" | "blend";
        KindOfModel: {
            kind: components["schemas"]["ModelKind"];
            /**
             * @description Each host's risk (GET /risks), or which host will stay lowest (GET /classes).
             * @enum {string}
             */
            answers: "risk" | "destination-class";
            /** @description What it cannot do without. */
            needs: string;
            chooseWhen: string;
            /** @description Whether it learns; else it answers from the newest samples alone. */
            fitted: boolean;
            /** @description The outlooks whose trainings make this kind where the caller does not say. */
            trainedFor: string[];
        };
        PickQuality: {
            /** @description Of the ticks at which no host had a lower maximum than the pick. */
            rightShare: number;
            /** @description Of the decidable ticks at which the pick stayed below the threshold; null without such a tick. */
            hitRate: number | null;
            /** @description Mean of the pick's maximum minus the lowest one, in points. */
            regretPercent: number;
        };
        Training: {
            id: string;
            /** @description What the model is to foresee, by its name in /outlooks, or destination-class. */
            outlook?: string;
            /** @description What is made, as it was asked for; null where the settings say. */
            kind?: components["schemas"]["ModelKind"] | null;
            /** @enum {string} */
            state: "queued" | "running" | "completed" | "failed";
            progress: number;
            requestedAt: components["schemas"]["Timestamp"];
            /** Format: date-time */
            startedAt: string | null;
            /** Format: date-time */
            endedAt: string | null;
            backend: string | null;
            /** @description What it is doing. */
            detail: string;
            modelVersion: string | null;
            problem: components["schemas"]["Problem"] | null;
        };
        Model: {
            version: string;
            kind: string;
            createdAt: components["schemas"]["Timestamp"];
            active: boolean;
            seed: number;
            windowTicks: number;
            horizonTicks: number;
            tickMs: number;
            thresholdPercent: number;
            dataFrom: components["schemas"]["Timestamp"];
            dataTo: components["schemas"]["Timestamp"];
            hosts: number;
            /** @description Host-ticks with a sample that it was trained on. */
            rows: number;
            features: string[];
            /** @description SHA-256 of the stored model. */
            checksum: string;
            /** @description What it foresees, by its name in /outlooks. */
            outlook?: string;
            targetMetric?: string;
            inputMetrics?: string[];
            /** @description Of the code that made it; files of another are refused. */
            codeVersion?: string;
            /** @description The model whose networks the training went on from; null where it began with nothing. */
            startedFrom?: string | null;
            /** @description Why it did not go on from the model that served; null where it did. */
            beganAnew?: string | null;
            /** @description A row so much older counted half as much; null where all counted the same. */
            halfLifeMs?: number | null;
            /** @description Probability = logistic(slope × log-odds + intercept). */
            calibration?: {
                kind: string;
                slope: number;
                intercept: number;
                rows: number;
            };
            /** Format: date-time */
            heldOutFrom?: string | null;
            /** Format: date-time */
            heldOutTo?: string | null;
            /** @description Against the model that served, on the newest stretch that neither had seen; null for the first. */
            comparison?: {
                against: string;
                /** @description Brier score of this model minus that of the other; null where there were too few rows, and of a classifier. */
                brierDifference: components["schemas"]["Interval"] | null;
                /** @description Of a classifier in place of it: the mean regret of its picks minus that of the other's, in points. */
                regretDifference?: components["schemas"]["Interval"] | null;
                better: boolean;
                detail: string;
            } | null;
            /** @description Of a classifier on the newest part of the data, held back from the training, beside least-cpu on the same ticks. */
            picks?: {
                /** @description At which the outcome of every host is known. */
                ticks: number;
                /** @description At which some hosts stayed below the threshold and some did not. */
                decidableTicks: number;
                model: components["schemas"]["PickQuality"];
                leastCpu: components["schemas"]["PickQuality"];
            } | null;
            /** @description On the newest part of the data, held back from the training. */
            metrics: {
                rows: number;
                baseRate: number | null;
                onsetAveragePrecision: number | null;
                persistenceOnsetAveragePrecision: number | null;
                onsetAuroc: number | null;
                brier: number | null;
                persistenceBrier: number | null;
            };
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
        /** @description Which resource at which horizon, by its name in /outlooks. Default: the chief one. */
        OutlookId: components["schemas"]["OutlookId"];
        /** @example neural-4937e02a */
        ModelVersion: components["schemas"]["ResourceId"];
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
    getStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The state. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PredictionStatus"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listOutlooks: {
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
                        outlooks: components["schemas"]["Outlook"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listRisks: {
        parameters: {
            query?: {
                /** @description Which resource at which horizon, by its name in /outlooks. Default: the chief one. */
                outlook?: components["parameters"]["OutlookId"];
                /** @description False leaves the reasons out; of a large fleet they are most of the answer. */
                reasons?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One row a host. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostRisks"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    scoreRisks: {
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
                 *       "pairs": [
                 *         {
                 *           "hostId": "compute2",
                 *           "addedCpuPercent": 8.3
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": {
                    pairs: components["schemas"]["RiskPair"][];
                };
            };
        };
        responses: {
            /** @description The risks. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * Format: date-time
                         * @description End of the newest scored tick; null before the first.
                         */
                        tick: string | null;
                        horizonMs: number;
                        thresholdPercent: number;
                        modelVersion: string | null;
                        fallback: components["schemas"]["Fallback"];
                        risks: components["schemas"]["PairRisk"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listClasses: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One row a host. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostClasses"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    rankDestinations: {
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
                 *       "serverId": "dd441819-9f49-4db8-b5b5-61038256bc4a",
                 *       "policy": "least-risk"
                 *     }
                 */
                "application/json": {
                    serverId: components["schemas"]["ServerId"];
                    /** @description Default: every host. */
                    candidates?: components["schemas"]["HostId"][];
                    /** @default least-risk */
                    policy?: string;
                    /** @default 1 */
                    seed?: number;
                };
            };
        };
        responses: {
            /** @description The ranking. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DestinationRanking"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listTrainings: {
        parameters: {
            query?: {
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
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        trainings: components["schemas"]["Training"][];
                        nextCursor: components["schemas"]["Cursor"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    startTraining: {
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
                 *       "lastMs": 10800000,
                 *       "kind": "logistic"
                 *     }
                 */
                "application/json": {
                    /** @description How far back to learn from. Default: by configuration. */
                    lastMs?: number;
                    /** @default 1 */
                    seed?: number;
                    outlook?: components["schemas"]["OutlookOrClass"];
                    kind?: components["schemas"]["ModelKind"];
                };
            };
        };
        responses: {
            /** @description Queued. */
            202: {
                headers: {
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Training"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getTraining: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 7463ce18-afdd-42b4-834e-afa0b8852d95 */
                trainingId: components["schemas"]["ResourceId"];
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
                    "application/json": components["schemas"]["Training"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listModels: {
        parameters: {
            query?: {
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
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The kinds that can be trained, from the plainest to the default; the same on every page. */
                        kinds: components["schemas"]["KindOfModel"][];
                        models: components["schemas"]["Model"][];
                        nextCursor: components["schemas"]["Cursor"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    rollBackModel: {
        parameters: {
            query?: {
                /** @description Whose model, by its name in /outlooks, or destination-class. Default: the chief one's. */
                outlook?: components["schemas"]["OutlookOrClass"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It serves. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example neural-4937e02a */
                version: components["parameters"]["ModelVersion"];
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
                    "application/json": components["schemas"]["Model"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    activateModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example neural-4937e02a */
                version: components["parameters"]["ModelVersion"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It serves. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getScores: {
        parameters: {
            query?: {
                /** @description Which resource at which horizon, by its name in /outlooks. Default: the chief one. */
                outlook?: components["parameters"]["OutlookId"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The scores. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Scores"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getExplanation: {
        parameters: {
            query: {
                /** @example compute1 */
                hostId: components["schemas"]["HostId"];
                /** @description Which resource at which horizon, by its name in /outlooks. Default: the chief one. */
                outlook?: components["parameters"]["OutlookId"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The explanation. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Explanation"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listIncidents: {
        parameters: {
            query?: {
                resource?: components["schemas"]["ResourceId"];
                source?: components["schemas"]["IncidentSource"];
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
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        incidents: components["schemas"]["Incident"][];
                        nextCursor: components["schemas"]["Cursor"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    reportIncident: {
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
                 *       "resource": "compute1",
                 *       "startedAt": "2026-01-01T00:00:00.000Z",
                 *       "note": "The controller of the disks stood still"
                 *     }
                 */
                "application/json": {
                    resource: components["schemas"]["ResourceId"];
                    startedAt: components["schemas"]["Timestamp"];
                    endedAt?: components["schemas"]["Timestamp"];
                    note: string;
                };
            };
        };
        responses: {
            /** @description Recorded. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Incident"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    estimateMigrationCost: {
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
                 *       "serverId": "dd441819-9f49-4db8-b5b5-61038256bc4a",
                 *       "from": "compute1",
                 *       "to": "compute2"
                 *     }
                 */
                "application/json": {
                    serverId: components["schemas"]["ServerId"];
                    from: components["schemas"]["HostId"];
                    to: components["schemas"]["HostId"];
                };
            };
        };
        responses: {
            /** @description The estimate. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MigrationCost"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    estimateMigrationCosts: {
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
                 *       "moves": [
                 *         {
                 *           "serverId": "dd441819-9f49-4db8-b5b5-61038256bc4a",
                 *           "from": "compute1",
                 *           "to": "compute2"
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": {
                    moves: components["schemas"]["AskedMove"][];
                };
            };
        };
        responses: {
            /** @description The estimates. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        costs: components["schemas"]["MigrationCost"][];
                    };
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
