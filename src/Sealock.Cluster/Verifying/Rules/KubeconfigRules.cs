// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Planning;
using Sealock.Cluster.Surveying;
using Sealock.Pki.Paths;

namespace Sealock.Cluster.Verifying.Rules;

/// <summary>Whether a kubeconfig reaches the right server safely. Its client certificate is judged as every leaf is.</summary>
internal static class KubeconfigRules
{
    public static Rule<SurveyedFile> Unusable { get; } = new("kubeconfig-unusable", Severity.Error,
        "Whoever uses it reaches no server.",
        (survey, file) => Body(file).Problem is { } problem
            ? [new(problem, Body(file).Target is null ? Remedies.Reissue(survey, file) : $"kubectl config --kubeconfig {file.Path} use-context NAME, or {Remedies.Reissue(survey, file)}")]
            : []);

    public static Rule<SurveyedFile> NoContext { get; } = new("kubeconfig-context", Severity.Error,
        "Without a context in use kubectl and components fall back to http://localhost:8080.",
        (survey, file) => Body(file) is { Problem: null, Target.Context.Length: 0 }
            ? [new("no context is in use (current-context)", $"kubectl config --kubeconfig {file.Path} set-context default --cluster {Body(file).Target?.Cluster.Name} --user {Body(file).Target?.User?.Name} && kubectl config --kubeconfig {file.Path} use-context default")]
            : []);

    public static Rule<SurveyedFile> NotHttps { get; } = new("kubeconfig-http", Severity.Error,
        "Over plain HTTP everyone on the way reads and changes everything, credentials among it.",
        (survey, file) => Body(file).Target?.Cluster is { } cluster && !cluster.Server.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
            ? [new(cluster.Server.Length == 0 ? "it names no server" : $"its server is {cluster.Server}, which is not HTTPS", SetServer(survey, file, cluster.Name))]
            : []);

    public static Rule<SurveyedFile> Unverified { get; } = new("kubeconfig-unverified", Severity.Error,
        "Without verification anyone on the way can pass for the API server and take the credentials.",
        (_, file) => Body(file).Target?.Cluster is { InsecureSkipTlsVerify: true } cluster
            ? [new("insecure-skip-tls-verify switches the check of the server's certificate off",
                $"kubectl config --kubeconfig {file.Path} set-cluster {cluster.Name} --insecure-skip-tls-verify=false --certificate-authority=ca.crt --embed-certs")]
            : []);

    public static Rule<SurveyedFile> WrongServer { get; } = new("kubeconfig-server", Severity.Error,
        "It reaches another server than the configuration says, or none.",
        (survey, file) => file.Role.Server is { } wanted && Body(file).Target?.Cluster is { } cluster && IsHttps(cluster.Server)
            && !cluster.Server.TrimEnd('/').Equals(wanted, StringComparison.OrdinalIgnoreCase)
                ? [new($"its server is {cluster.Server}, not {wanted}", SetServer(survey, file, cluster.Name))]
                : []);

    public static Rule<SurveyedFile> ServerNotCovered { get; } = new("kubeconfig-server-name", Severity.Error,
        "The server's certificate does not name that host: every call ends in a TLS error.",
        (survey, file) =>
        {
            if (file.Role.Server is not null || Body(file).Target?.Cluster is not { InsecureSkipTlsVerify: false } cluster || !IsHttps(cluster.Server)
                || !Uri.TryCreate(cluster.Server, UriKind.Absolute, out var url))
                return [];
            var host = cluster.TlsServerName.Length > 0 ? cluster.TlsServerName : url.Host;
            var servers = survey.Leaves.Where(leaf => leaf.Expected?.Name == "apiserver" && leaf.Certificate.Names.Count > 0).ToList();
            return servers.Count == 0 || servers.Any(server => HostNames.Refuse(server.Certificate, host) is null) ? []
                : [new($"its server is {cluster.Server}, but the API server's certificate does not name {host}", $"add {host} to the certificate's names, or {SetServer(survey, file, cluster.Name)}")];
        });

    public static Rule<SurveyedFile> NoAuthorities { get; } = new("kubeconfig-ca-missing", Severity.Error,
        "Without the cluster's CA in it the server's certificate is checked against the machine's own roots, and refused.",
        (survey, file) => Body(file) is { Target.Cluster: { InsecureSkipTlsVerify: false } cluster, Authorities: null, Missing.Count: 0 } && IsHttps(cluster.Server)
            ? [new("it has no CA certificate", $"kubectl config --kubeconfig {file.Path} set-cluster {cluster.Name} --certificate-authority=ca.crt --embed-certs")]
            : []);

    public static Rule<SurveyedFile> WrongAuthorities { get; } = new("kubeconfig-ca", Severity.Error,
        "The API server's certificate is not signed by that CA: every call ends in a TLS error.",
        (survey, file) =>
        {
            if (Body(file) is not { Authorities: { } own, Target.Cluster: { } cluster })
                return [];
            var trusted = survey.Trust.Of(file.Node, PlannedAuthority.Cluster);
            var fix = survey.Scope.Set is not null ? Remedies.Reissue(survey, file)
                : $"kubectl config --kubeconfig {file.Path} set-cluster {cluster.Name} --certificate-authority=ca.crt --embed-certs";
            if (own.Certificates.Count == 0)
                return [new("its certificate-authority-data holds no certificate", fix)];
            if (trusted.Count > 0 && !own.Certificates.Any(certificate => trusted.Any(anchor => anchor.PublicKey.Equals(certificate.PublicKey))))
                return [new($"its CA ({own.Certificates[0].Subject}) is not the cluster's", fix)];
            return own.PrivateKeys.Count > 0 ? [new("a private key stands in its CA data", fix)] : [];
        });

    public static Rule<SurveyedFile> NoClient { get; } = new("kubeconfig-client-missing", Severity.Error,
        "The API server takes the user for system:anonymous and refuses it.",
        (survey, file) => file.Role.Leaf is not null && Path.GetFileName(file.Path) != "bootstrap-kubelet.conf"
            && Body(file) is { Target: { } target, Missing.Count: 0 } body && body.Client is not { Certificates.Count: > 0 }
            && target.User is not ({ Exec: not null } or { TokenFile.Length: > 0 } or { Token.Length: > 0 })
                ? [new("it has no client certificate", Remedies.Reissue(survey, file))]
                : []);

    public static Rule<SurveyedFile> StaticToken { get; } = new("kubeconfig-token", Severity.Warning,
        "A static token never expires, and the server prefers neither: nobody knows which of the two identities counts.",
        (_, file) => Body(file) is { Client.Certificates.Count: > 0, Target.User: { Token.Length: > 0 } user }
            ? [new("it has a token beside its client certificate", $"kubectl config --kubeconfig {file.Path} unset users.{user.Name}.token")]
            : []);

    public static Rule<SurveyedFile> MissingFiles { get; } = new("kubeconfig-file-missing", Severity.Error,
        "Without the file it reaches no server.",
        (survey, file) => Body(file).Missing.Where(path => survey.HasFolderOf(file.Node, path) || survey.Scope.IsKubeadm)
            .Select(path => new Fault($"it names {path}, which is not there", $"put the file there, or {Remedies.Reissue(survey, file)}")));

    // The table runs these rules over kubeconfigs alone.
    private static KubeconfigBody Body(SurveyedFile file) => (KubeconfigBody)file.Body;

    private static bool IsHttps(string url) => url.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    private static string SetServer(Survey survey, SurveyedFile file, string cluster) => survey.Scope.Set is not null
        ? Remedies.Reissue(survey, file)
        : $"kubectl config --kubeconfig {file.Path} set-cluster {cluster} --server=https://ENDPOINT:6443";
}
