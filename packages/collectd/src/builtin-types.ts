import { parseTypesDb, type TypesDb } from './types-db.ts';

/** The types that hosts, virtual machines and chain probes commonly send, for use without an installed types.db. */
export const builtinTypes: TypesDb = parseTypesDb(`
absolute value:ABSOLUTE:0:U
bitrate value:GAUGE:0:4294967295
bytes value:GAUGE:0:U
clock_state value:GAUGE:0:U
contextswitch value:DERIVE:0:U
counter value:COUNTER:U:U
cpu value:DERIVE:0:U
cpufreq value:GAUGE:0:U
current value:GAUGE:U:U
delay value:GAUGE:-1000000:1000000
derive value:DERIVE:0:U
df free:GAUGE:0:U, used:GAUGE:0:U
df_complex value:GAUGE:0:U
df_inodes value:GAUGE:0:U
disk_io_time io_time:DERIVE:0:U, weighted_io_time:DERIVE:0:U
disk_latency read:GAUGE:0:U, write:GAUGE:0:U
disk_merged read:DERIVE:0:U, write:DERIVE:0:U
disk_octets read:DERIVE:0:U, write:DERIVE:0:U
disk_ops read:DERIVE:0:U, write:DERIVE:0:U
disk_time read:DERIVE:0:U, write:DERIVE:0:U
domain_state state:GAUGE:0:U, reason:GAUGE:0:U
duration seconds:GAUGE:0:U
energy value:GAUGE:U:U
errors value:DERIVE:0:U
fanspeed value:GAUGE:0:U
fork_rate value:DERIVE:0:U
frequency value:GAUGE:0:U
gauge value:GAUGE:U:U
if_dropped rx:DERIVE:0:U, tx:DERIVE:0:U
if_errors rx:DERIVE:0:U, tx:DERIVE:0:U
if_octets rx:DERIVE:0:U, tx:DERIVE:0:U
if_packets rx:DERIVE:0:U, tx:DERIVE:0:U
io_octets rx:DERIVE:0:U, tx:DERIVE:0:U
io_ops read:DERIVE:0:U, write:DERIVE:0:U
irq value:DERIVE:0:U
latency value:GAUGE:0:U
load shortterm:GAUGE:0:5000, midterm:GAUGE:0:5000, longterm:GAUGE:0:5000
memory value:GAUGE:0:281474976710656
memory_bandwidth value:DERIVE:0:U
operations value:DERIVE:0:U
operations_per_second value:GAUGE:0:U
pending_operations value:GAUGE:0:U
percent value:GAUGE:0:100.1
percent_bytes value:GAUGE:0:100.1
ping value:GAUGE:0:65535
ping_droprate value:GAUGE:0:1
ping_stddev value:GAUGE:0:65535
power value:GAUGE:U:U
ps_code value:GAUGE:0:9223372036854775807
ps_count processes:GAUGE:0:1000000, threads:GAUGE:0:1000000
ps_cputime user:DERIVE:0:U, syst:DERIVE:0:U
ps_rss value:GAUGE:0:9223372036854775807
ps_state value:GAUGE:0:65535
requests value:GAUGE:0:U
response_time value:GAUGE:0:U
smart_attribute current:GAUGE:0:255, worst:GAUGE:0:255, threshold:GAUGE:0:255, pretty:GAUGE:0:U
smart_badsectors value:GAUGE:0:U
smart_powercycles value:GAUGE:0:U
smart_poweron value:GAUGE:0:U
smart_temperature value:GAUGE:-300:300
swap value:GAUGE:0:1099511627776
swap_io value:DERIVE:0:U
tcp_connections value:GAUGE:0:4294967295
temperature value:GAUGE:U:U
total_bytes value:DERIVE:0:U
total_requests value:DERIVE:0:U
uptime value:GAUGE:0:4294967295
users value:GAUGE:0:65535
virt_cpu_total value:DERIVE:0:U
virt_vcpu value:DERIVE:0:U
vmpage_faults minflt:DERIVE:0:U, majflt:DERIVE:0:U
vmpage_io in:DERIVE:0:U, out:DERIVE:0:U
voltage value:GAUGE:U:U
`).types;
