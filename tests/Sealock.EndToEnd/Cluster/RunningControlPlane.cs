// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Cluster;

/// <summary>Three etcd members, two API servers, a controller-manager and a scheduler, with the first bindings applied.</summary>
public sealed class RunningControlPlane : IAsyncLifetime
{
    private ControlPlane? _plane;

    internal ControlPlane Plane => _plane ?? throw new InvalidOperationException("not started");

    /// <summary>What the administrator was answered before the bindings were applied.</summary>
    internal ToolResult AdministratorBefore { get; private set; } = new("", 0, "", "");

    public async Task InitializeAsync()
    {
        if (!Peers.Has("kubernetes") || !Peers.Has("kubectl"))
            return;
        _plane = await ControlPlane.CreateAsync(3, "podCIDR: 10.244.0.0/16\ntokens: [{user: jane, groups: [readers]}]");
        await _plane.StartEtcdAsync("master1", "master2", "master3");
        await _plane.StartApiServerAsync("master1", "master2");
        AdministratorBefore = await _plane.KubectlAsync("master1", "admin.conf", "get", "namespaces");
        (await _plane.KubectlAsync("master1", "super-admin.conf", "apply", "-f", _plane.RootOf("master1") + "/etc/kubernetes/bootstrap-rbac.yaml")).Succeeded();
        await _plane.StartAsync("kube-controller-manager", "master1");
        await _plane.StartAsync("kube-scheduler", "master1");
        // The controller-manager is at work when the account that every pod has is there.
        await _plane.UntilAsync(() => _plane.KubectlAsync("master1", "admin.conf", "get", "serviceaccount", "default", "-o", "name"));
    }

    public async Task DisposeAsync()
    {
        if (_plane is not null)
            await _plane.DisposeAsync();
    }
}
