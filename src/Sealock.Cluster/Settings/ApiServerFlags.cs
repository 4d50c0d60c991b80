// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Sealock.Cluster.Configuration;

namespace Sealock.Cluster.Settings;

/// <summary>The flags of kube-apiserver.</summary>
internal static class ApiServerFlags
{
    public static IEnumerable<CommandFlag> Of(NodeView view) =>
    [
        .. Serving(view), .. Authentication(view), .. ServiceAccounts(view), .. Clients(view), .. Store(view), .. TlsSettings.Flags,
    ];

    private static IEnumerable<CommandFlag> Serving(NodeView view) =>
    [
        new("advertise-address", view.Node.Address.ToString()),
        new("allow-privileged", "true"),
        new("bind-address", view.OpenAddress.ToString()),
        new("profiling", "false"),
        new("secure-port", view.Configuration.EndpointPort.ToString(CultureInfo.InvariantCulture)),
        new("service-cluster-ip-range", string.Join(',', view.Configuration.ServiceCidrs)),
        new("tls-cert-file", view.Paths.PkiFile("apiserver.crt")),
        new("tls-private-key-file", view.Paths.PkiFile("apiserver.key")),
    ];

    private static IEnumerable<CommandFlag> Authentication(NodeView view)
    {
        yield return new("authorization-mode", "Node,RBAC");
        yield return new("client-ca-file", view.Paths.PkiFile("ca.crt"));
        yield return new("enable-admission-plugins", "NodeRestriction");
        yield return view.LimitsAnonymousPaths
            ? new("authentication-config", view.Paths.PkiFile(SettingTexts.AuthenticationFile))
            : new("anonymous-auth", view.AnonymousHealth ? "true" : "false");
        yield return new("requestheader-allowed-names", "front-proxy-client");
        yield return new("requestheader-client-ca-file", view.Paths.PkiFile("front-proxy-ca.crt"));
        yield return new("requestheader-extra-headers-prefix", "X-Remote-Extra-");
        yield return new("requestheader-group-headers", "X-Remote-Group");
        yield return new("requestheader-username-headers", "X-Remote-User");
        if (view.Configuration.TokenUsers.Count > 0)
            yield return new("token-auth-file", view.Paths.PkiFile(SecretSettings.TokenFile));
    }

    private static IEnumerable<CommandFlag> ServiceAccounts(NodeView view) =>
    [
        new("service-account-issuer", $"https://kubernetes.default.svc.{view.Configuration.DnsDomain}"),
        new("service-account-key-file", view.Paths.PkiFile("sa.pub")),
        new("service-account-signing-key-file", view.Paths.PkiFile("sa.key")),
    ];

    private static IEnumerable<CommandFlag> Clients(NodeView view) =>
    [
        new("kubelet-certificate-authority", view.Paths.PkiFile("ca.crt")),
        new("kubelet-client-certificate", view.Paths.PkiFile("apiserver-kubelet-client.crt")),
        new("kubelet-client-key", view.Paths.PkiFile("apiserver-kubelet-client.key")),
        new("kubelet-preferred-address-types", "InternalIP,ExternalIP,Hostname"),
        new("proxy-client-cert-file", view.Paths.PkiFile("front-proxy-client.crt")),
        new("proxy-client-key-file", view.Paths.PkiFile("front-proxy-client.key")),
    ];

    /// <summary>Each API server speaks to the etcd member beside it, as with kubeadm.</summary>
    private static IEnumerable<CommandFlag> Store(NodeView view)
    {
        yield return new("etcd-servers", view.OwnEtcd
            ? ClusterConfiguration.UrlOf(view.LocalAddress.ToString(), EtcdFlags.ClientPort)
            : string.Join(',', view.Configuration.ExternalEtcd));
        yield return new("etcd-cafile", view.Paths.PkiFile("etcd/ca.crt"));
        yield return new("etcd-certfile", view.Paths.PkiFile("apiserver-etcd-client.crt"));
        yield return new("etcd-keyfile", view.Paths.PkiFile("apiserver-etcd-client.key"));
        yield return new("encryption-provider-config", view.Paths.PkiFile(SecretSettings.EncryptionFile));
        if (view.Version.IsAtLeast(26))
            yield return new("encryption-provider-config-automatic-reload", "true");
    }
}
