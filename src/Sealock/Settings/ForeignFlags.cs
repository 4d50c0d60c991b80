// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;

namespace Sealock.Settings;

/// <summary>
/// Flags of kube-apiserver and kube-controller-manager that <c>sealock server</c> knows without acting on them, so that
/// existing command lines can be used as they are. What is harmless is accepted with a warning; what would change who
/// gets in, or what is recorded, is refused.
/// </summary>
internal static class ForeignFlags
{
    private const string AlwaysTls = "plain HTTP is never served, so it has no effect";
    private const string NoNodes = "no nodes, pods or volumes are managed here, so it has no effect";
    private const string OneProcess = "the controllers run inside this process, so it has no effect";
    private const string Embedded = "the store is embedded and has no servers, so it has no effect";
    private const string NoAggregation = "no API is aggregated and no kubelet is called, so it has no effect";
    private const string BuiltIn = "admission is built in and not configurable, so it has no effect";

    /// <summary>Flags without effect, and why.</summary>
    public static FrozenDictionary<string, string> WithoutEffect { get; } = new (string Reason, string[] Names)[]
    {
        (AlwaysTls, ["kubelet-https", "insecure-allow-any-token"]),
        (NoNodes,
        [
            "node-monitor-grace-period", "node-monitor-period", "node-startup-grace-period", "pod-eviction-timeout",
            "node-eviction-rate", "secondary-node-eviction-rate", "large-cluster-size-threshold",
            "unhealthy-zone-threshold", "allocate-node-cidrs", "cidr-allocator-type", "cluster-cidr",
            "node-cidr-mask-size", "node-cidr-mask-size-ipv4", "node-cidr-mask-size-ipv6", "cloud-provider",
            "cloud-config", "configure-cloud-routes", "route-reconciliation-period", "allow-privileged",
            "default-not-ready-toleration-seconds", "default-unreachable-toleration-seconds",
            "enable-taint-manager", "terminated-pod-gc-threshold", "pv-recycler-pod-template-filepath-hostpath",
            "flex-volume-plugin-dir", "enable-dynamic-provisioning", "enable-hostpath-provisioner",
            "horizontal-pod-autoscaler-sync-period", "service-cluster-ip-range", "service-node-port-range",
            "attach-detach-reconcile-sync-period", "concurrent-deployment-syncs", "concurrent-endpoint-syncs",
            "concurrent-replicaset-syncs", "concurrent-resource-quota-syncs", "concurrent-service-endpoint-syncs",
            "concurrent-service-syncs", "concurrent-statefulset-syncs", "concurrent-ttl-after-finished-syncs",
            "deployment-controller-sync-period", "disable-attach-detach-reconcile-sync",
            "endpoint-updates-batch-period", "endpointslice-updates-batch-period", "external-cloud-volume-plugin",
            "horizontal-pod-autoscaler-cpu-initialization-period",
            "horizontal-pod-autoscaler-downscale-stabilization", "horizontal-pod-autoscaler-initial-readiness-delay",
            "horizontal-pod-autoscaler-tolerance", "max-endpoints-per-slice",
            "mirroring-concurrent-service-endpoint-syncs", "mirroring-endpointslice-updates-batch-period",
            "mirroring-max-endpoints-per-subset", "pv-recycler-increment-timeout-nfs",
            "pv-recycler-minimum-timeout-hostpath", "pv-recycler-minimum-timeout-nfs",
            "pv-recycler-pod-template-filepath-nfs", "pv-recycler-timeout-increment-hostpath",
            "pvclaimbinder-sync-period", "resource-quota-sync-period", "volume-host-allow-local-loopback",
            "volume-host-cidr-denylist", "cloud-provider-gce-l7lb-src-cidrs", "max-connection-bytes-per-sec",
        ]),
        (OneProcess,
        [
            "master", "kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig", "leader-elect",
            "leader-elect-lease-duration", "leader-elect-renew-deadline", "leader-elect-retry-period",
            "leader-elect-resource-lock", "leader-elect-resource-name", "leader-elect-resource-namespace",
            "controllers", "use-service-account-credentials", "kube-api-qps", "kube-api-burst",
            "kube-api-content-type", "cluster-name", "min-resync-period", "controller-start-interval",
            "concurrent-namespace-syncs", "concurrent-gc-syncs", "concurrent-serviceaccount-token-syncs",
            "namespace-sync-period", "enable-garbage-collector", "port", "address",
            "authentication-skip-lookup", "authentication-tolerate-lookup-failure",
            "authorization-always-allow-paths",
        ]),
        (Embedded,
        [
            "etcd-cafile", "etcd-certfile", "etcd-keyfile", "etcd-prefix", "etcd-compaction-interval",
            "etcd-count-metric-poll-period", "etcd-healthcheck-timeout", "etcd-servers-overrides", "storage-backend",
            "storage-media-type", "watch-cache", "watch-cache-sizes", "default-watch-cache-size",
            "etcd-db-metric-poll-interval", "delete-collection-workers", "target-ram-mb", "storage-versions", "deserialization-cache-size",
        ]),
        (NoAggregation,
        [
            "kubelet-certificate-authority", "kubelet-client-certificate", "kubelet-client-key", "kubelet-port",
            "kubelet-preferred-address-types", "kubelet-timeout", "kubelet-read-only-port", "proxy-client-cert-file",
            "proxy-client-key-file", "enable-aggregator-routing", "egress-selector-config-file",
            "requestheader-client-ca-file", "requestheader-allowed-names", "requestheader-extra-headers-prefix",
            "requestheader-group-headers", "requestheader-username-headers", "advertise-address", "external-hostname",
            "apiserver-count", "endpoint-reconciler-type", "kubernetes-service-node-port", "master-service-namespace",
        ]),
        (BuiltIn,
        [
            "enable-admission-plugins", "disable-admission-plugins", "admission-control",
            "admission-control-config-file", "runtime-config", "feature-gates", "enable-priority-and-fairness",
        ]),
        ("tokens are always bound and extended tokens are never issued, so it has no effect",
            ["service-account-extend-token-expiration", "service-account-lookup"]),
        ("it has no counterpart here, so it has no effect",
        [
            "cert-dir", "contention-profiling", "profiling", "cors-allowed-origins", "event-ttl", "goaway-chance",
            "http2-max-streams-per-connection", "livez-grace-period", "shutdown-delay-duration", "min-request-timeout",
            "permit-port-sharing", "permit-address-sharing", "show-hidden-metrics-for-version", "v", "vmodule",
            "logtostderr", "alsologtostderr", "stderrthreshold", "log-dir", "log-file", "log-flush-frequency",
            "logging-format", "add-dir-header", "skip-headers", "skip-log-headers", "log-backtrace-at",
            "one-output", "log-file-max-size", "strict-transport-security-directives",
            "experimental-logging-sanitization", "identity-lease-duration-seconds",
            "identity-lease-renew-interval-seconds", "authentication-token-webhook-cache-ttl",
            "authentication-token-webhook-version", "authorization-webhook-cache-authorized-ttl",
            "authorization-webhook-cache-unauthorized-ttl", "authorization-webhook-version",
            "service-account-jwks-uri",
        ]),
    }.SelectMany(group => group.Names.Select(name => (name, group.Reason))).ToFrozenDictionary(pair => pair.name, pair => pair.Reason);

    /// <summary>Flags that are refused, and what to do instead.</summary>
    public static FrozenDictionary<string, string> Refused { get; } = new (string Remedy, string[] Names)[]
    {
        ("plain HTTP is never served; remove it and use --secure-port", ["insecure-port", "insecure-bind-address"]),
        ("etcd is not offered as a store in this version; remove it to use the embedded store", ["etcd-servers"]),
        ("OpenID Connect is not offered in this version; remove it and use client certificates or tokens",
        [
            "oidc-issuer-url", "oidc-client-id", "oidc-ca-file", "oidc-username-claim", "oidc-username-prefix",
            "oidc-groups-claim", "oidc-groups-prefix", "oidc-required-claim", "oidc-signing-algs",
        ]),
        ("webhooks are not offered; remove it and bind roles with RBAC",
        [
            "authentication-token-webhook-config-file", "authorization-webhook-config-file", "authorization-policy-file",
            "authentication-config", "authorization-config",
        ]),
        ("Secrets are always encrypted at rest with the key ring in the data folder; remove it",
            ["encryption-provider-config", "experimental-encryption-provider-config"]),
        ("passwords in a file are not offered; remove it and use --token-auth-file", ["basic-auth-file"]),
    }.SelectMany(group => group.Names.Select(name => (name, group.Remedy))).ToFrozenDictionary(pair => pair.name, pair => pair.Remedy);
}
