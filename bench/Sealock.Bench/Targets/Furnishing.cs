// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Sealock.Bench.Http;

namespace Sealock.Bench.Targets;

/// <summary>What every target is given before it is measured: a role for the users who are, and a client certificate.</summary>
internal static class Furnishing
{
    private const string Role = """
        {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"bench"},"rules":[
         {"apiGroups":[""],"resources":["configmaps","secrets"],"verbs":["*"]},
         {"apiGroups":["cert-manager.io"],"resources":["certificates"],"verbs":["create","get","list","watch"]},
         {"apiGroups":["certificates.k8s.io"],"resources":["certificatesigningrequests"],"verbs":["create","get","list","watch"]},
         {"apiGroups":["certificates.k8s.io"],"resources":["certificatesigningrequests/approval"],"verbs":["update"]},
         {"apiGroups":["certificates.k8s.io"],"resources":["signers"],"resourceNames":["kubernetes.io/kube-apiserver-client"],"verbs":["approve"]}]}
        """;

    private const string Binding = """
        {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"bench"},
         "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"bench"},
         "subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"Group","name":"bench-users"}]}
        """;

    public static async Task FurnishAsync(Target target, CancellationToken cancellationToken)
    {
        await using var connection = await target.ConnectAsync(withCertificate: false, cancellationToken);
        await CreateAsync(connection, "/apis/rbac.authorization.k8s.io/v1/clusterroles", Role, cancellationToken);
        await CreateAsync(connection, "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", Binding, cancellationToken);
        target.UserCertificate = await RequestCertificateAsync(connection, cancellationToken);
    }

    /// <summary>Makes a namespace.</summary>
    public static async Task CreateNamespaceAsync(Target target, string name, CancellationToken cancellationToken)
    {
        await using var connection = await target.ConnectAsync(withCertificate: false, cancellationToken);
        var body = $$$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{{name}}}"}}""";
        await CreateAsync(connection, "/api/v1/namespaces", body, cancellationToken);
    }

    private static async Task CreateAsync(HttpsConnection connection, string path, string body, CancellationToken cancellationToken)
    {
        var answer = await connection.SendAsync(RequestText.Of("POST", path, Target.AdminToken, body), cancellationToken);
        if (answer.Status != 409)
            answer.Expect("POST " + path);
    }

    private static async Task<X509Certificate2> RequestCertificateAsync(HttpsConnection connection, CancellationToken cancellationToken)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = $"bench-user-{Guid.NewGuid():n}";
        var body = SigningRequests.Body(name, SigningRequests.Pem(key, "bench-cert", Target.UserGroup));
        await CreateAsync(connection, SigningRequests.Path, body, cancellationToken);
        var approval = RequestText.Of(
            "PUT", $"{SigningRequests.Path}/{name}/approval", Target.AdminToken, SigningRequests.Approved(body));
        (await connection.SendAsync(approval, cancellationToken)).Expect("approve");
        while (true)
        {
            var get = RequestText.Of("GET", $"{SigningRequests.Path}/{name}", Target.AdminToken);
            var answer = (await connection.SendAsync(get, cancellationToken)).Expect("read the request");
            using var request = JsonDocument.Parse(answer.Body);
            if (request.RootElement.GetProperty("status").TryGetProperty("certificate", out var certificate))
            {
                using var bare = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(certificate.GetBytesFromBase64()));
                return bare.CopyWithPrivateKey(key);
            }

            await Task.Delay(50, cancellationToken);
        }
    }
}
