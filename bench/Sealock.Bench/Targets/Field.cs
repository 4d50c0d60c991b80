// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Bench.Targets;

/// <summary>What targets are made from.</summary>
/// <param name="Program">The sealock program.</param>
/// <param name="Bare">The program with Kestrel and nothing around it; empty: there is none.</param>
/// <param name="Scripts">The folder with the scripts that start Kubernetes.</param>
/// <param name="HasKubernetes">Whether Kubernetes is there.</param>
/// <param name="Folder">A folder that nobody else has, at each call.</param>
internal sealed record Workshop(string Program, string Bare, string Scripts, bool HasKubernetes, Func<string> Folder);

/// <summary>Who is measured side by side.</summary>
/// <param name="Peers">The names of all but Sealock, in the order of columns; those that are not there have empty ones.</param>
/// <param name="Make">Makes all of them; they are not started.</param>
internal sealed record Field(IReadOnlyList<string> Peers, Func<Workshop, IEnumerable<Target>> Make)
{
    /// <summary>Nobody.</summary>
    public static readonly Field Alone = new([], shop => [Sealock(shop)]);

    /// <summary>Kubernetes, whose etcd does not wait for the disk.</summary>
    public static readonly Field Kubernetes = new(["kubernetes"], shop => [Sealock(shop), .. RealKubernetes(shop)]);

    /// <summary>Kubernetes, whose etcd waits for the disk.</summary>
    public static readonly Field SyncedKubernetes = new(["kubernetes"], shop => [Sealock(shop), .. RealKubernetes(shop, fsync: true)]);

    /// <summary>Servers that end TLS, with P-256 keys all of them; those that audit do it on the same policy.</summary>
    public static readonly Field FrontDoors = new(["bare", "nginx", "haproxy", "kubernetes"], shop =>
    [
        Sealock(shop, audit: AuditPolicy.Answers), .. Bare(shop),
        .. Daemon.IsThere("nginx") ? [new NginxTarget(shop.Folder(), FreePorts.Take())] : Array.Empty<Target>(),
        .. Daemon.IsThere("haproxy") ? [new HaproxyTarget(shop.Folder(), FreePorts.Take())] : Array.Empty<Target>(),
        .. RealKubernetes(shop, audit: AuditPolicy.Answers, ecdsa: true),
    ]);

    /// <summary>Sealock, and Sealock with what it does not do unless told.</summary>
    public static readonly Field Costs = new(["audit", "audit twice", "access log", "bare"], shop =>
    [
        Sealock(shop), Sealock(shop, "audit", AuditPolicy.Answers), Sealock(shop, "audit twice", AuditPolicy.Everything),
        Sealock(shop, "access log", flags: ["--access-log"]), .. Bare(shop),
    ]);

    private static SealockTarget Sealock(Workshop shop, string name = "sealock", string? audit = null, params IReadOnlyList<string> flags) =>
        new(shop.Program, shop.Folder(), FreePorts.Take(), name) { AuditPolicy = audit, MoreFlags = flags };

    private static BareTarget[] Bare(Workshop shop) => shop.Bare.Length > 0 ? [new BareTarget(shop.Bare, shop.Folder(), FreePorts.Take())] : [];

    private static KubernetesTarget[] RealKubernetes(Workshop shop, bool fsync = false, string? audit = null, bool ecdsa = false) => shop.HasKubernetes
        ? [new KubernetesTarget(shop.Scripts, shop.Folder(), FreePorts.Take(), fsync, ecdsa) { AuditPolicy = audit }]
        : [];
}
