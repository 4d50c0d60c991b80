// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Settings;

/// <summary>The flags of kube-controller-manager and kube-scheduler, which have their serving side in common.</summary>
internal static class ControllerFlags
{
    public static IEnumerable<CommandFlag> OfControllerManager(NodeView view)
    {
        foreach (var flag in Common(view, "controller-manager.conf"))
            yield return flag;
        yield return new("cluster-name", view.Configuration.Name);
        if (view.Configuration.AuthorityKeysApart)
        {
            yield return new("controllers", "*,-csrsigning");
        }
        else
        {
            yield return new("cluster-signing-cert-file", view.Paths.PkiFile("ca-signing.crt"));
            yield return new("cluster-signing-key-file", view.Paths.PkiFile("ca.key"));
        }

        if (view.Configuration.PodCidrs.Count > 0)
        {
            yield return new("allocate-node-cidrs", "true");
            yield return new("cluster-cidr", string.Join(',', view.Configuration.PodCidrs));
        }

        yield return new("service-cluster-ip-range", string.Join(',', view.Configuration.ServiceCidrs));
        yield return new("root-ca-file", view.Paths.PkiFile("ca.crt"));
        yield return new("service-account-private-key-file", view.Paths.PkiFile("sa.key"));
        yield return new("use-service-account-credentials", "true");
    }

    public static IEnumerable<CommandFlag> OfScheduler(NodeView view) => Common(view, "scheduler.conf");

    private static IEnumerable<CommandFlag> Common(NodeView view, string kubeconfig)
    {
        var path = view.Paths.Kubeconfig(kubeconfig);
        yield return new("authentication-kubeconfig", path);
        yield return new("authorization-kubeconfig", path);
        yield return new("kubeconfig", path);
        yield return new("bind-address", view.LocalAddress.ToString());
        yield return new("client-ca-file", view.Paths.PkiFile("ca.crt"));
        yield return new("leader-elect", "true");
        yield return new("profiling", "false");
        yield return new("requestheader-client-ca-file", view.Paths.PkiFile("front-proxy-ca.crt"));
        // Up to 1.22 plain HTTP is served beside HTTPS unless it is switched off; since 1.24 the flag is gone.
        if (!view.Version.IsAtLeast(23))
            yield return new("port", "0");
        foreach (var flag in TlsSettings.Flags)
            yield return flag;
    }
}
