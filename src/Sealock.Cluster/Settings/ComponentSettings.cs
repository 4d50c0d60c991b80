// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Sealock.Cluster.Configuration;

namespace Sealock.Cluster.Settings;

/// <summary>How the components of one node are started. Pure: the same configuration gives the same settings.</summary>
public sealed class ComponentSettings
{
    private readonly NodeView _view;

    /// <summary>The settings of a node's components.</summary>
    /// <param name="configuration">The cluster.</param>
    /// <param name="node">One of its nodes.</param>
    /// <param name="root">
    /// What stands before every path: where the node's root folder is seen from. Empty for the node itself.
    /// </param>
    public ComponentSettings(ClusterConfiguration configuration, ClusterNode node, string root = "") =>
        _view = new(configuration, node, root);

    /// <summary>The components that run on the node, in the order in which they start.</summary>
    public IEnumerable<Component> Components => Component.All.Where(component =>
        component == Component.Etcd ? _view.Node.IsControlPlane && _view.OwnEtcd : !component.IsControlPlane || _view.Node.IsControlPlane);

    /// <summary>A component's flags, sorted by name.</summary>
    public IReadOnlyList<CommandFlag> FlagsOf(Component component) =>
        [.. Unsorted(component).OrderBy(flag => flag.Name, StringComparer.Ordinal)];

    /// <summary>A control-plane component as a static pod, in YAML.</summary>
    /// <exception cref="ArgumentException">It is a component that runs beside the pods, not as one.</exception>
    public string ManifestOf(Component component) => component.IsControlPlane
        ? new StaticPod(_view, component, FlagsOf(component)).Text
        : throw new ArgumentException($"{component} does not run as a static pod", nameof(component));

    /// <summary>A component's flags as a file of variables for a unit of systemd.</summary>
    public string EnvironmentOf(Component component) => component.EnvironmentVariable is { } variable
        ? SettingTexts.Environment(variable, FlagsOf(component))
        : SettingTexts.EtcdEnvironment(FlagsOf(component));

    private IEnumerable<CommandFlag> Unsorted(Component component) => component.Name switch
    {
        "etcd" => EtcdFlags.Of(_view),
        "kube-apiserver" => ApiServerFlags.Of(_view),
        "kube-controller-manager" => ControllerFlags.OfControllerManager(_view),
        "kube-scheduler" => ControllerFlags.OfScheduler(_view),
        "kubelet" => NodeFlags.OfKubelet(_view),
        "kube-proxy" => NodeFlags.OfProxy(_view),
        _ => throw new UnreachableException(),
    };
}
