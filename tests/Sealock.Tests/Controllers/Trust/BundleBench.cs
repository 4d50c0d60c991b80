// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Controllers.Authorities;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Trust;
using Sealock.Controllers.Views;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Tests.Support;

namespace Sealock.Tests.Controllers.Trust;

/// <summary>The loop of Bundles on an API server in memory, stepped by hand.</summary>
internal sealed class BundleBench
{
    private const string Bundles = "/apis/trust.cert-manager.io/v1alpha1/bundles";
    private readonly BundleReconciler _reconciler;
    private int _stored;

    public BundleBench(TrustOptions? options = null)
    {
        Server.OnWrite = (_, _, _, _) => _stored++;
        var client = new ApiClient(Server);
        var objects = new BundleObjects
        {
            Bundle = Bundle,
            Namespaces = () => Server.Paths("/api/v1/namespaces/").Where(path => path.Split('/').Length == 5)
                .Select(path => Server.Find(path)!.Deserialize(ViewJson.Default.NamespaceView)!),
            Target = (kind, ns, name) => Target(kind, $"/api/v1/namespaces/{ns}/{kind.Type.Plural}/{name}"),
            TargetsOf = (kind, bundle) => Server.Paths("/api/v1/namespaces/").Where(path => path.Contains($"/{kind.Type.Plural}/", StringComparison.Ordinal))
                .Select(path => Target(kind, path)).OfType<TargetFacts>()
                .Where(target => target.Metadata.Labels.GetValueOrDefault(TargetKind.Label) == bundle),
        };
        var sources = new BundleSources(
            client, "trust", options ?? new TrustOptions { DefaultAuthorities = () => new([]) },
            secret => Records.Where(record => record.Secret == secret).Select(record => record.Record()), Time);
        _reconciler = new BundleReconciler(client, objects, sources, new ClusterTrustBundles(client, Time), null, Time);
    }

    public FakeTimeProvider Time { get; } = new();

    public MemoryApiServer Server { get; } = new();

    public List<(string Secret, Func<AuthorityRecord> Record)> Records { get; } = [];

    public CertificateAuthority NewCa(string name = "ca", TimeSpan? lifetime = null) =>
        CertificateAuthority.CreateRoot(name, KeyPair.Generate(), Time.GetUtcNow(), lifetime);

    public void AddNamespace(string name, string labels = "{}") =>
        Server.Put($"/api/v1/namespaces/{name}", Parse($$"""{"metadata": {"labels": {{labels}} } }"""));

    public void AddConfigMap(string name, params (string Key, string Value)[] data) => Server.Put(
        $"/api/v1/namespaces/trust/configmaps/{name}",
        new JsonObject { ["metadata"] = new JsonObject(), ["data"] = new JsonObject(data.Select(d => KeyValuePair.Create(d.Key, (JsonNode?)d.Value))) });

    public void AddSecret(string name, string type, params (string Key, string Value)[] data) => Server.Put(
        $"/api/v1/namespaces/trust/secrets/{name}",
        new JsonObject
        {
            ["metadata"] = new JsonObject(),
            ["type"] = type,
            ["data"] = new JsonObject(data.Select(d => KeyValuePair.Create(d.Key, (JsonNode?)Convert.ToBase64String(Encoding.UTF8.GetBytes(d.Value))))),
        });

    public void AddBundle(string spec, string name = "b", string annotations = "{}") => Server.Put(
        $"{Bundles}/{name}", Parse($$"""{"metadata": {"name": "{{name}}", "generation": 1, "annotations": {{annotations}} }, "spec": {{spec}} }"""));

    public BundleView? Bundle(string name = "b") => Server.Find($"{Bundles}/{name}")?.Deserialize(TrustJson.Default.BundleView);

    public (string Status, string Reason, string Message) Synced(string name = "b") =>
        Bundle(name)!.Status.Conditions.Single() is var condition ? (condition.Status, condition.Reason, condition.Message) : default;

    /// <summary>Looks until nothing changes; what the last look came to.</summary>
    public async Task<Reconciliation> SettleAsync(string name = "b")
    {
        for (var round = 0; round < 10; round++)
        {
            var stored = _stored;
            var outcome = await _reconciler.ReconcileAsync(new ObjectKey("", name), default);
            if (_stored == stored)
                return outcome;
        }

        throw new InvalidOperationException($"nothing settles: {string.Join("; ", Server.Writes.TakeLast(10))}");
    }

    public JsonObject? ConfigMap(string ns, string name = "b") => Server.Find($"/api/v1/namespaces/{ns}/configmaps/{name}");

    public IReadOnlyList<Certificate> Published(string ns, string key = "ca.crt") =>
        Certificate.ListFromPem(ConfigMap(ns)!["data"]![key]!.GetValue<string>());

    public static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();

    private TargetFacts? Target(TargetKind kind, string path) =>
        Server.Find(path) is { } found && found["metadata"]!["labels"]?[TargetKind.Label] is not null ? found.Deserialize(kind.Type.View) : null;
}
