// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Pki.Certificates;

namespace Sealock.EndToEnd.Trust;

/// <summary>A Certificate's Secret as it stands.</summary>
internal sealed record HeldCertificate(
    Certificate Leaf, IReadOnlyList<Certificate> Trusted, int Revision, string ChainPem, string KeyPem, string TrustedPem);

/// <summary>A CA with Certificates under it and a Bundle of it, and programs that use what stands in their Secrets.</summary>
internal sealed class RenewalRig(RunningCluster cluster, int leaves, int overlap) : IDisposable
{
    private const string Namespace = "cert-manager";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private readonly ServerConnection _api = new(cluster.Process.Url, ServerConnection.Administrator(cluster.Data));
    private readonly List<string> _bundle = [];
    private Certificate? _old;

    /// <summary>What the Bundle has held, one after the other: old, both, new.</summary>
    public IReadOnlyList<string> BundleHistory => _bundle;

    public void Dispose() => _api.Dispose();

    public async Task DeclareAsync()
    {
        await CreateAsync("/api/v1/namespaces", $$$"""{"metadata": {"name": "{{{Namespace}}}"}}""", mayExist: true);
        await CreateAsync("/apis/cert-manager.io/v1/clusterissuers", """{"metadata": {"name": "itself"}, "spec": {"selfSigned": {}}}""");
        await CreateAsync(Path("certificates"), """
            {"metadata": {"name": "company-ca"}, "spec": {"isCA": true, "commonName": "Company CA", "secretName": "company-ca", "duration": "87600h",
             "privateKey": {"algorithm": "ECDSA"}, "issuerRef": {"name": "itself", "kind": "ClusterIssuer"} } }
            """);
        await CreateAsync("/apis/cert-manager.io/v1/clusterissuers", $$$"""
            {"metadata": {"name": "company", "annotations": {"sealock.dev/trust-overlap": "{{{overlap}}}s", "sealock.dev/withdraw-overlap": "{{{overlap}}}s"} },
             "spec": {"ca": {"secretName": "company-ca"} } }
            """);
        await CreateAsync("/apis/trust.cert-manager.io/v1alpha1/bundles", """
            {"metadata": {"name": "company"}, "spec": {"sources": [{"secret": {"name": "company-ca", "key": "tls.crt"}}],
             "target": {"configMap": {"key": "ca.crt"} } } }
            """);
        await Parallel.ForEachAsync(Enumerable.Range(0, leaves), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, _) =>
            await CreateAsync(Path("certificates"), $$$"""
                {"metadata": {"name": "leaf-{{{number}}}"}, "spec": {"secretName": "leaf-{{{number}}}", "dnsNames": ["leaf-{{{number}}}.example"],
                 "ipAddresses": ["127.0.0.1"], "usages": ["digital signature", "server auth", "client auth"], "privateKey": {"algorithm": "ECDSA"},
                 "issuerRef": {"name": "company", "kind": "ClusterIssuer"} } }
                """));
    }

    /// <summary>As <c>sealock certificate renew</c> does.</summary>
    public async Task RenewCaAsync()
    {
        _old = (await ReadAsync("company-ca"))!.Leaf;
        _bundle.Add(await DescribeBundleAsync());
        (await cluster.ShellAsync($"sealock certificate renew company-ca -n {Namespace} --kubeconfig $KUBECONFIG")).Succeeded();
    }

    public async Task<string> PhaseAsync()
    {
        await NoteBundleAsync();
        var issuer = (await _api.GetAsync("/apis/cert-manager.io/v1/clusterissuers/company")).Succeeded();
        return issuer["status"]?["conditions"]?.AsArray().FirstOrDefault(c => c!["type"]!.GetValue<string>() == "AuthorityRotation")?["reason"]?.GetValue<string>() ?? "";
    }

    public Task<IReadOnlyDictionary<string, HeldCertificate>> WaitForLeavesAsync(int revision) =>
        WaitForAsync($"all are of revision {revision}", held => held.Revision == revision);

    public Task<IReadOnlyDictionary<string, HeldCertificate>> WaitForTrustAsync(int authorities) =>
        WaitForAsync($"all trust {authorities} CAs", held => held.Trusted.Count == authorities);

    public async Task<IReadOnlyList<Certificate>> BundleAsync()
    {
        var answer = await _api.GetAsync("/api/v1/namespaces/default/configmaps/company");
        return answer.Body?["data"]?["ca.crt"]?.GetValue<string>() is { } pem ? Certificate.ListFromPem(pem) : [];
    }

    public async Task UntilAsync(string what, Func<Task<bool>> isSo)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!await isSo())
        {
            if (limit.IsCancellationRequested)
            {
                var issuer = await _api.GetAsync("/apis/cert-manager.io/v1/clusterissuers/company");
                throw new TimeoutException($"not within {Limit}: {what}; {issuer.Text}\n{cluster.Process.Log}");
            }

            await NoteBundleAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    /// <summary>nginx with the certificate of the first leaf; accepts clients of the CAs that its Secret says.</summary>
    public Task<FollowingNginx> StartNginxAsync() => FollowingNginx.StartAsync(
        Directory.CreateDirectory(System.IO.Path.Combine(cluster.Folder, "nginx")).FullName, () => ReadAsync("leaf-0"));

    /// <summary>Clients, each with what its Secret holds at the time of each request.</summary>
    public ClientLoops StartClients(IReadOnlyList<string> names) =>
        new(names, System.IO.Path.Combine(cluster.Folder, "clients"), ReadAsync, System.IO.Path.Combine(cluster.Folder, "nginx", "port"));

    public async Task<HeldCertificate?> ReadAsync(string name)
    {
        var secret = await _api.GetAsync($"/api/v1/namespaces/{Namespace}/secrets/{name}");
        return secret.Body is { } body ? Held(body, 0) : null;
    }

    private async Task<IReadOnlyDictionary<string, HeldCertificate>> WaitForAsync(string what, Func<HeldCertificate, bool> isSo)
    {
        Dictionary<string, HeldCertificate> held = [];
        await UntilAsync(what, async () =>
        {
            var certificates = (await _api.GetAsync(Path("certificates"))).Succeeded()["items"]!.AsArray();
            var revisions = certificates.ToDictionary(item => item.Name(), item => item!["status"]?["revision"]?.GetValue<int>() ?? 0);
            var secrets = (await _api.GetAsync($"/api/v1/namespaces/{Namespace}/secrets")).Succeeded()["items"]!.AsArray();
            held = secrets.Where(item => item.Name().StartsWith("leaf-", StringComparison.Ordinal) && revisions.ContainsKey(item.Name()))
                .Select(item => (Name: item.Name(), Held: Held(item!, revisions[item.Name()])))
                .Where(found => found.Held is not null && isSo(found.Held)).ToDictionary(found => found.Name, found => found.Held!);
            return held.Count == leaves;
        });
        return held;
    }

    private static HeldCertificate? Held(JsonNode secret, int revision)
    {
        if (secret["data"] is not JsonObject data || data["tls.crt"] is null || data["ca.crt"] is null)
            return null;
        var (chain, trusted) = (Text(data, "tls.crt"), Text(data, "ca.crt"));
        return new(Certificate.ListFromPem(chain)[0], Certificate.ListFromPem(trusted), revision, chain, Text(data, "tls.key"), trusted);
    }

    private async Task NoteBundleAsync()
    {
        if (_old is not null && await DescribeBundleAsync() is var now && _bundle[^1] != now)
            _bundle.Add(now);
    }

    private async Task<string> DescribeBundleAsync()
    {
        var bundle = await BundleAsync();
        return bundle.Count == 2 && bundle.Contains(_old!) ? "both" : bundle.Count != 1 ? $"{bundle.Count}" : bundle[0].Equals(_old) ? "old" : "new";
    }

    private async Task CreateAsync(string path, string json, bool mayExist = false)
    {
        var answer = await _api.SendAsync("POST", path, JsonNode.Parse(json));
        if (!mayExist || answer.Status != 409)
            answer.Succeeded();
    }

    private static string Path(string plural) => $"/apis/cert-manager.io/v1/namespaces/{Namespace}/{plural}";

    private static string Text(JsonObject data, string entry) => Encoding.UTF8.GetString(Convert.FromBase64String(data[entry]!.GetValue<string>()));
}
