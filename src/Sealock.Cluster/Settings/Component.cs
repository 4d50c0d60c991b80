// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Settings;

/// <summary>A program of a cluster that is started with flags.</summary>
public sealed record Component
{
    private Component(string name, string? variable, bool controlPlane)
    {
        Name = name;
        EnvironmentVariable = variable;
        IsControlPlane = controlPlane;
    }

    /// <summary>The store of all objects.</summary>
    public static Component Etcd { get; } = new("etcd", null, true);

    /// <summary>The API server.</summary>
    public static Component KubeApiServer { get; } = new("kube-apiserver", "KUBE_API_ARGS", true);

    /// <summary>The controllers, among them those that approve and sign certificates.</summary>
    public static Component KubeControllerManager { get; } = new("kube-controller-manager", "KUBE_CONTROLLER_MANAGER_ARGS", true);

    /// <summary>The scheduler.</summary>
    public static Component KubeScheduler { get; } = new("kube-scheduler", "KUBE_SCHEDULER_ARGS", true);

    /// <summary>The agent of every node.</summary>
    public static Component Kubelet { get; } = new("kubelet", "KUBELET_ARGS", false);

    /// <summary>Service addresses on every node.</summary>
    public static Component KubeProxy { get; } = new("kube-proxy", "KUBE_PROXY_ARGS", false);

    /// <summary>All of them, in the order in which they start.</summary>
    public static IReadOnlyList<Component> All { get; } =
        [Etcd, KubeApiServer, KubeControllerManager, KubeScheduler, Kubelet, KubeProxy];

    /// <summary>The program's name.</summary>
    public string Name { get; }

    /// <summary>
    /// The variable that holds its flags where a unit of systemd starts it; null for etcd, which reads a variable of its
    /// own for every flag.
    /// </summary>
    public string? EnvironmentVariable { get; }

    /// <summary>Whether only control-plane nodes run it.</summary>
    public bool IsControlPlane { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
