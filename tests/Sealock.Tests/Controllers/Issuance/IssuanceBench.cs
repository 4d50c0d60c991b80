// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Sealock.Api.Client;
using Sealock.Api.Client.Views;
using Sealock.Api.Objects;
using Sealock.Controllers.Authorities;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Issuance.Issuers;
using Sealock.Controllers.Issuance.Requests;
using Sealock.Controllers.Issuance.Secrets;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Revocation;
using Sealock.Controllers.Views;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Tests.Support;

namespace Sealock.Tests.Controllers.Issuance;

/// <summary>Thrown where a test kills the process.</summary>
internal sealed class KilledException(string step) : Exception(step);

/// <summary>
/// The reconcilers of issuance on an API server in memory, stepped by hand: every look sees what is stored, time moves only when
/// a test says so, and the "process" can be killed at any step and started anew.
/// </summary>
internal sealed class IssuanceBench : IDisposable
{
    public const string Api = "/apis/cert-manager.io/v1/namespaces/ns";
    private const string Secrets = "/api/v1/namespaces/ns/secrets";
    private const int MostRounds = 60;

    private readonly List<IDisposable> _disposables = [];
    private readonly SemaphoreSlim _made = new(0);
    private KeyMaker _keys;
    private CertificateReconciler _certificates;
    private RequestReconciler _requests;
    private IssuerReconciler _issuers;
    private AuthorityReconciler? _authorities;
    private bool _keepsAuthorities;

    public IssuanceBench(FakeTimeProvider? time = null, params IIssuerKind[] kinds)
    {
        Time = time ?? new FakeTimeProvider();
        Kinds = kinds;
        Transport = new BreakableTransport(Server);
        Server.OnWrite = CountGenerations;
        Start();
    }

    public FakeTimeProvider Time { get; }

    public MemoryApiServer Server { get; } = new();

    public BreakableTransport Transport { get; }

    public IIssuerKind[] Kinds { get; }

    public IssuanceOptions Options { get; set; } = new();

    /// <summary>What is revoked, and why.</summary>
    public Dictionary<Print, RevocationSpecView> Revoked { get; } = [];

    public ApproveRequest Approve { get; set; } = RequestApproval.Everything;

    /// <summary>Called with each step.</summary>
    public Action<string>? AtStep { get; set; }

    /// <summary>When the next look is due after all has settled; null: never.</summary>
    public DateTimeOffset? NextLook { get; private set; }

    public IssuanceObjects Objects { get; private set; } = null!;

    /// <summary>What was logged.</summary>
    public LoggedLines Log { get; } = new();

    /// <summary>Which CA is used when; nobody keeps account of that unless a test does.</summary>
    public AuthorityPlans Plans { get; } = new();

    /// <summary>A bench with a CA and the Certificate <c>web</c> of it.</summary>
    public static (IssuanceBench Bench, CertificateAuthority Ca) Ready(string spec = "{}", string annotations = "{}")
    {
        var bench = new IssuanceBench();
        var ca = bench.AddCa();
        bench.AddCertificate("web", spec, annotations);
        return (bench, ca);
    }

    /// <summary>Starts the "process" anew: nothing is remembered.</summary>
    [System.Diagnostics.CodeAnalysis.MemberNotNull(nameof(_keys), nameof(_certificates), nameof(_requests), nameof(_issuers))]
    public void Start()
    {
        var client = new ApiClient(Transport);
        var options = Options with { FaultPoint = At };
        Objects = new IssuanceObjects
        {
            Certificate = (ns, name) => Find($"/apis/cert-manager.io/v1/namespaces/{ns}/certificates/{name}", IssuanceJson.Default.CertificateView),
            Secret = (ns, name) => Find($"/api/v1/namespaces/{ns}/secrets/{name}", IssuanceJson.Default.SecretFacts) is { } secret
                && secret.Metadata.Labels.ContainsKey(WellKnown.Attention) ? secret : null,
            RequestsOf = (ns, name) => [.. All("certificaterequests", IssuanceJson.Default.CertificateRequestView)
                .Where(request => request.Metadata.Annotations.GetValueOrDefault(WellKnown.CertificateName) == name)],
            Revocation = mark => Revoked.GetValueOrDefault(mark),
            CertificatesOf = (ns, secret) => [.. All("certificates", IssuanceJson.Default.CertificateView).Where(c => c.Spec.SecretName == secret)],
            Issuer = (ns, reference) => Find(
                reference.IsCluster ? $"/apis/cert-manager.io/v1/clusterissuers/{reference.Name}" : $"/apis/cert-manager.io/v1/namespaces/{ns}/issuers/{reference.Name}",
                IssuanceJson.Default.IssuerView),
            Authority = Plans.Find,
        };
        var keys = _keys = new KeyMaker(_ => _made.Release());
        _disposables.Add(keys);
        var secrets = new SecretStore(client, Objects, options);
        IIssuerKind[] kinds = [new SelfSignedIssuer(client), new CaIssuer(new AuthoritySource(client, Objects, Time), Plans, Time), .. Kinds];
        var news = new IssuanceNews(null, Log);
        _certificates = new CertificateReconciler(
            client, Objects, options, new IssuanceRun(client, Objects, options, secrets, new NextKeys(client, Objects, options, secrets, keys), news, Time),
            secrets, news, Time);
        _requests = new RequestReconciler(client, Objects, kinds, (r, c, t) => Approve(r, c, t), options, null, news, Time);
        _issuers = new IssuerReconciler(client, kinds, options, news, Time);
        if (_keepsAuthorities)
            StartAuthorities(client, options);
    }

    /// <summary>From now on account is kept of issuers' CAs.</summary>
    public void KeepAuthorities()
    {
        _keepsAuthorities = true;
        Start();
    }

    /// <summary>What is recorded of the CA of an issuer; null: nothing.</summary>
    public AuthorityRecord? Record(string issuer = "ca") =>
        Find($"{Secrets}/{RecordNames.Of(IssuerReferenceView.NamespacedKind, issuer)}", AuthorityJson.Default.AuthorityRecord);

    public IssuerView Issuer(string name = "ca") => Find($"{Api}/issuers/{name}", IssuanceJson.Default.IssuerView)!;

    private void StartAuthorities(ApiClient client, IssuanceOptions options)
    {
        IEnumerable<AuthorityRecord> Records() => Server.Paths(Secrets + "/")
            .Where(path => Server.Find(path)!["metadata"]!["labels"]?[RecordNames.Label] is not null)
            .Select(path => Find(path, AuthorityJson.Default.AuthorityRecord)!);
        var objects = new AuthorityObjects
        {
            Issuer = (ns, name) => Find($"/apis/cert-manager.io/v1/namespaces/{ns}/issuers/{name}", IssuanceJson.Default.IssuerView),
            Record = (_, name) => Records().FirstOrDefault(record => record.Metadata.Name == name),
            Records = Records,
            Secrets = () => Server.Paths(Secrets + "/").Select(path => Find(path, IssuanceJson.Default.SecretFacts)!)
                .Where(secret => secret.Metadata.Labels.ContainsKey(WellKnown.Attention)),
            Certificate = Objects.Certificate,
            Requests = () => All("certificaterequests", IssuanceJson.Default.CertificateRequestView),
        };
        _authorities = new AuthorityReconciler(client, objects, options, null, Time);
        Plans.KeepBy((_, name) => Record(name)?.Plan);
    }

    /// <summary>Looks at everything again and again until nothing changes any more.</summary>
    public async Task SettleAsync()
    {
        for (var round = 0; round < MostRounds; round++)
        {
            var writes = Server.Writes.Count;
            if (!await LookOnceAsync() && Server.Writes.Count == writes)
                return;
        }

        Assert.Fail($"nothing settles: {string.Join("; ", Server.Writes.TakeLast(20))}");
    }

    /// <summary>Looks at everything once, and says whether anything asks to be looked at again at once.</summary>
    public async Task<bool> LookOnceAsync()
    {
        var again = false;
        DateTimeOffset? next = null;
        foreach (var issuer in All("issuers", IssuanceJson.Default.IssuerView).Concat(Cluster()))
            Note(await TryAsync(_issuers.ReconcileAsync(issuer, default)));
        foreach (var issuer in _authorities is null ? [] : All("issuers", IssuanceJson.Default.IssuerView))
            Note(await TryAsync(_authorities!.ReconcileAsync(new ObjectKey("ns", issuer.Metadata.Name), default)));
        foreach (var request in All("certificaterequests", IssuanceJson.Default.CertificateRequestView))
            Note(await TryAsync(_requests.ReconcileAsync(request, default)));
        foreach (var certificate in All("certificates", IssuanceJson.Default.CertificateView))
            Note(await TryAsync(_certificates.ReconcileAsync(new ObjectKey("ns", certificate.Metadata.Name), default)));
        NextLook = next;
        if (_keys.Pending > 0)
        {
            await _made.WaitAsync();
            again = true;
        }

        return again;

        void Note(Reconciliation result)
        {
            again |= result.Retry is not null || result.LookAgainAfter == TimeSpan.Zero;
            if (result.LookAgainAfter is { } delay && (next is null || Time.GetUtcNow() + delay < next))
                next = Time.GetUtcNow() + delay;
        }
    }

    /// <summary>Settles; each time the process is killed it is started anew.</summary>
    public async Task<int> SettleThroughKillsAsync()
    {
        for (var kills = 0; ; kills++)
        {
            Assert.True(kills < 100, "killed without end");
            try
            {
                await SettleAsync();
                return kills;
            }
            catch (KilledException)
            {
                Start();
            }
        }
    }

    public void AddIssuer(string name, string spec) => Server.Put($"{Api}/issuers/{name}", Parse($$"""
        {"metadata": {"name": "{{name}}", "generation": 1}, "spec": {{spec}} }
        """));

    /// <summary>A CA in a Secret <c>NAME-ca</c>, and an issuer of that name.</summary>
    public CertificateAuthority AddCa(string name = "ca", TimeSpan? lifetime = null, bool label = true)
    {
        var key = KeyPair.Generate();
        var ca = CertificateAuthority.CreateRoot(name, key, Time.GetUtcNow(), lifetime);
        PutPair($"{name}-ca", ca.Certificate.ToPem(), key.ToPkcs8Pem(), label);
        AddIssuer(name, $$"""{"ca": {"secretName": "{{name}}-ca"} }""");
        return ca;
    }

    public void PutPair(string name, string certificatePem, string keyPem, bool label = true, string? caPem = null)
    {
        var secret = Parse("""{"metadata": {}, "type": "kubernetes.io/tls", "data": {}}""");
        if (label)
            secret["metadata"]!["labels"] = new JsonObject { [WellKnown.Attention] = "true" };
        secret["data"]![WellKnown.CertificateEntry] = Base64(certificatePem);
        secret["data"]![WellKnown.KeyEntry] = Base64(keyPem);
        if (caPem is not null)
            secret["data"]![WellKnown.CaEntry] = Base64(caPem);
        Server.Put($"{Secrets}/{name}", secret);
    }

    /// <summary>A Certificate; <paramref name="spec"/> is merged over an ECDSA one for <c>NAME.example.com</c> of the issuer <c>ca</c>.</summary>
    public void AddCertificate(string name, string spec = "{}", string annotations = "{}")
    {
        var whole = Parse($$"""
            {"metadata": {"name": "{{name}}", "generation": 1, "annotations": {{annotations}} }, "spec": {"secretName": "{{name}}-tls",
             "dnsNames": ["{{name}}.example.com"], "issuerRef": {"name": "ca"}, "privateKey": {"algorithm": "ECDSA"} } }
            """);
        foreach (var (field, value) in Parse(spec))
        {
            if (value is null)
                whole["spec"]!.AsObject().Remove(field);
            else
                whole["spec"]![field] = value.DeepClone();
        }

        Server.Put($"{Api}/certificates/{name}", whole);
    }

    /// <summary>Changes a Certificate's specification as a user does.</summary>
    public void Change(string name, Action<JsonObject> change)
    {
        var certificate = Server.Find($"{Api}/certificates/{name}")!;
        change(certificate["spec"]!.AsObject());
        certificate["metadata"]!["generation"] = certificate["metadata"]!["generation"]!.GetValue<long>() + 1;
        Server.Put($"{Api}/certificates/{name}", certificate);
    }

    public CertificateView Certificate(string name) => Objects.Certificate("ns", name) ?? throw new InvalidOperationException($"no {name}");

    public (string Status, string Reason, string Message) Condition(string name, string type)
    {
        var condition = Certificate(name).Condition(type);
        return (condition?.Status ?? "", condition?.Reason ?? "", condition?.Message ?? "");
    }

    public bool IsReady(string name) => Condition(name, "Ready").Status == "True";

    public JsonObject? Secret(string name) => Server.Find($"{Secrets}/{name}");

    public void PutSecret(string name, JsonObject secret) => Server.Put($"{Secrets}/{name}", secret);

    public async Task DeleteSecretAsync(string name) =>
        await new ApiClient(Server).DeleteAsync(ResourceTypes.Secrets, "ns", name, null, default);

    public byte[]? Entry(string secret, string entry) =>
        Secret(secret)?["data"]?[entry]?.GetValue<string>() is { } text ? Convert.FromBase64String(text) : null;

    public Sealock.Pki.Certificates.Certificate Leaf(string secret) => Chain(secret)[0];

    public IReadOnlyList<Sealock.Pki.Certificates.Certificate> Chain(string secret) =>
        Sealock.Pki.Certificates.Certificate.ListFromPem(Encoding.UTF8.GetString(Entry(secret, WellKnown.CertificateEntry)!));

    /// <summary>The requests there are, by name.</summary>
    public IReadOnlyList<string> Requests => [.. Server.Paths($"{Api}/certificaterequests/").Select(path => path.Split('/')[^1])];

    public JsonObject Request(string name) => Server.Find($"{Api}/certificaterequests/{name}")!;

    /// <summary>Secrets that hold keys to come.</summary>
    public IReadOnlyList<string> NextKeys => [.. Server.Paths(Secrets).Where(path =>
        Server.Find(path)!["metadata"]!["labels"]?[WellKnown.NextPrivateKey] is not null).Select(path => path.Split('/')[^1])];

    public static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();

    public static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    public void Dispose()
    {
        _disposables.ForEach(disposable => disposable.Dispose());
        _made.Dispose();
    }

    private void At(string step)
    {
        Assert.Contains(step, FaultPoints.Issuance.Concat(FaultPoints.Authority));
        AtStep?.Invoke(step);
    }

    private static async ValueTask<Reconciliation> TryAsync(ValueTask<Reconciliation> look)
    {
        try
        {
            return await look;
        }
        catch (ApiException conflict) when (conflict.Code == 409)
        {
            return Reconciliation.TryAgain(conflict.Message);
        }
    }

    private IEnumerable<T> All<T>(string plural, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> view)
        where T : class, IObjectView => Server.Paths($"{Api}/{plural}/").Select(path => Find(path, view)).OfType<T>();

    private IEnumerable<IssuerView> Cluster() => Server.Paths("/apis/cert-manager.io/v1/clusterissuers/")
        .Select(path => Find(path, IssuanceJson.Default.IssuerView)).OfType<IssuerView>();

    private T? Find<T>(string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> view)
        where T : class => Server.Find(path) is { } found ? found.Deserialize(view) : null;

    private static void CountGenerations(string path, string subresource, JsonObject? old, JsonObject @new)
    {
        if (!path.StartsWith("/apis/cert-manager.io/", StringComparison.Ordinal))
            return;
        if (old is null)
        {
            @new["metadata"]!["generation"] = 1;
            @new.Remove("status");
        }
        else if (subresource.Length == 0 && !JsonNode.DeepEquals(old["spec"], @new["spec"]))
        {
            @new["metadata"]!["generation"] = old["metadata"]!["generation"]!.GetValue<long>() + 1;
        }
    }
}

/// <summary>A transport that a test breaks before or after a write.</summary>
internal sealed class BreakableTransport(IApiTransport inner) : IApiTransport
{
    public int Writes { get; private set; }

    /// <summary>Called with the number of each write (from 1) before it is sent, and after.</summary>
    public Action<int, bool>? OnWrite { get; set; }

    public async Task<TransportResponse> SendAsync(
        string method, string pathAndQuery, ReadOnlyMemory<byte> body, string? contentType, CancellationToken cancellationToken)
    {
        if (method == "GET")
            return await inner.SendAsync(method, pathAndQuery, body, contentType, cancellationToken);
        var number = ++Writes;
        OnWrite?.Invoke(number, false);
        var answer = await inner.SendAsync(method, pathAndQuery, body, contentType, cancellationToken);
        OnWrite?.Invoke(number, true);
        return answer;
    }
}

/// <summary>Keeps what is logged.</summary>
internal sealed class LoggedLines : ILogger
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines => _lines;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Add(formatter(state, exception));
}
