// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Acme.Dns;
using Sealock.Api.Client;
using Sealock.Api.Client.Views;
using Sealock.Api.Objects;
using Sealock.Controllers.Acme;
using Sealock.Controllers.Acme.Accounts;
using Sealock.Controllers.Acme.Answering;
using Sealock.Controllers.Acme.Challenges;
using Sealock.Controllers.Acme.Orders;
using Sealock.Controllers.Acme.Renewal;
using Sealock.Controllers.Acme.Solvers;
using Sealock.Controllers.Acme.Views;
using Sealock.Controllers.Issuance.Issuers;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;
using Sealock.Tests.Controllers.Issuance;

namespace Sealock.Tests.Controllers.Acme;

/// <summary>The loops of issuance and of ACME together, stepped by hand, with a CA in memory; killed and started anew as a test wants.</summary>
internal sealed class AcmeBench : IIssuerKind, IDisposable
{
    public const string Api = "/apis/acme.cert-manager.io/v1/namespaces/ns";
    private const int MostRounds = 80;

    private readonly List<IDisposable> _disposables = [];
    private AcmeIssuerKind _kind = null!;
    private OrderReconciler _orders = null!;
    private ChallengeReconciler _challenges = null!;
    private RenewalInformation _information = null!;

    public AcmeBench(AcmeOptions? options = null)
    {
        Options = options ?? new() { TlsAlpnRefusal = "", AnswersHttp = true, CheckCaa = false };
        Issuance = new IssuanceBench(null, this);
        Ca = new CaInMemory(Issuance.Time);
        Ca.Validate = (type, name, token) => AnswerOf(type, name, token) ? null : $"there is no answer to {type} for {name}";
        Issuance.AtStep = At;
        Start();
        Issuance.AddIssuer("ca", """
            {"acme": {"server": "https://ca.example/directory", "email": "admin@example.com", "privateKeySecretRef": {"name": "account"},
             "solvers": [{"tlsALPN01": {}}]}}
            """);
    }

    public AcmeOptions Options { get; set; }

    public IssuanceBench Issuance { get; }

    public CaInMemory Ca { get; }

    public Action<string>? AtStep { get; set; }

    public string Name => "acme";

    public IReadOnlyList<OrderView> Orders => [.. All("orders", AcmeJson.Default.OrderView)];

    public IReadOnlyList<ChallengeView> Challenges => [.. All("challenges", AcmeJson.Default.ChallengeView)];

    public ValueTask<IssuerCheck> CheckAsync(IssuerView issuer, string secretNamespace, CancellationToken cancellationToken) =>
        _kind.CheckAsync(issuer, secretNamespace, cancellationToken);

    public ValueTask<SigningOutcome> SignAsync(SigningTask task, CancellationToken cancellationToken) => _kind.SignAsync(task, cancellationToken);

    /// <summary>Starts the "process" anew: nothing is remembered.</summary>
    public void Start()
    {
        var (time, client) = (Issuance.Time, new ApiClient(Issuance.Transport));
        var options = Options with { FaultPoint = At };
        var connections = new AcmeConnections(options, new AcmeMetrics(), time, () => Ca);
        var keys = new AccountKeys(client, options);
        var accounts = new AcmeAccounts(client, connections, keys, new AccountRollover(keys, options), options, time);
        var objects = new AcmeObjects
        {
            Order = (ns, name) => Find($"/apis/acme.cert-manager.io/v1/namespaces/{ns}/orders/{name}", AcmeJson.Default.OrderView),
            Orders = () => All("orders", AcmeJson.Default.OrderView),
            Challenge = (ns, name) => Find($"/apis/acme.cert-manager.io/v1/namespaces/{ns}/challenges/{name}", AcmeJson.Default.ChallengeView),
            Issuer = (ns, reference) => Issuance.Objects.Issuer(ns, reference),
        };
        var resolver = new DnsResolver([new(System.Net.IPAddress.Loopback, 9)], time);
        var probe = new PlainProbe(time);
        _disposables.Add(probe);
        var presenters = new Presenters(
            options, new DnsPresenter(new DnsProviders(client, options, resolver, time), options, resolver, time), new IngressPresenter(client, options, probe));
        _kind = new AcmeIssuerKind(client, accounts, new ReplacedCertificate(client, connections)
        {
            Certificate = (ns, name) => Issuance.Objects.Certificate(ns, name),
        }, options)
        { Objects = () => objects };
        _orders = new OrderReconciler(
            client, objects, accounts, new OrderPlacing(objects, options, time), new OrderPreflight(options, presenters, new CaaCheck(resolver), time),
            new ChallengeMaker(client, objects, presenters), options, time);
        _challenges = new ChallengeReconciler(client, objects, accounts, presenters, options, time);
        _information = new RenewalInformation(client, Issuance.Objects, connections, time);
        Issuance.Start();
    }

    /// <summary>Looks at everything, moving the clock to what is due within a time, until nothing is.</summary>
    public async Task SettleAsync(TimeSpan? within = null)
    {
        var end = Issuance.Time.GetUtcNow() + (within ?? TimeSpan.FromMinutes(2));
        for (var round = 0; round < MostRounds; round++)
        {
            var writes = Issuance.Server.Writes.Count;
            DateTimeOffset? next = null;
            await Issuance.SettleAsync();
            foreach (var order in Orders)
                Note(await TryAsync(_orders.ReconcileAsync(new ObjectKey("ns", order.Metadata.Name), default)));
            foreach (var challenge in Challenges)
                Note(await TryAsync(_challenges.ReconcileAsync(new ObjectKey("ns", challenge.Metadata.Name), default)));
            foreach (var path in Issuance.Server.Paths($"{IssuanceBench.Api}/certificates/"))
                await TryAsync(_information.ReconcileAsync(new ObjectKey("ns", path.Split('/')[^1]), default));
            if (Issuance.Server.Writes.Count != writes)
                continue;
            if (Issuance.NextLook < (next ?? DateTimeOffset.MaxValue))
                next = Issuance.NextLook;
            if (next is null || next > end)
                return;
            var wait = next.Value - Issuance.Time.GetUtcNow();
            Issuance.Time.Advance(wait > TimeSpan.Zero ? wait : TimeSpan.FromMilliseconds(1));

            void Note(Reconciliation result)
            {
                var delay = result.Retry is not null ? TimeSpan.FromMilliseconds(10) : result.LookAgainAfter;
                if (delay is { } wait && (next is null || Issuance.Time.GetUtcNow() + wait < next))
                    next = Issuance.Time.GetUtcNow() + wait;
            }
        }

        Assert.Fail($"nothing settles: {string.Join("; ", Issuance.Server.Writes.TakeLast(20))}");
    }

    /// <summary>Settles; each time the process is killed it is started anew.</summary>
    public async Task<int> SettleThroughKillsAsync(TimeSpan? within = null)
    {
        for (var kills = 0; ; kills++)
        {
            Assert.True(kills < 100, "killed without end");
            try
            {
                await SettleAsync(within);
                return kills;
            }
            catch (KilledException)
            {
                Start();
            }
        }
    }

    public void Dispose()
    {
        Issuance.Dispose();
        _disposables.ForEach(disposable => disposable.Dispose());
    }

    private void At(string step)
    {
        Assert.Contains(step, FaultPoints.Issuance.Concat(FaultPoints.Acme).Concat(FaultPoints.Rollover));
        AtStep?.Invoke(step);
    }

    /// <summary>Whether what is stored answers a validation.</summary>
    private bool AnswerOf(string type, string name, string token)
    {
        var table = new ChallengeTable(Issuance.Time);
        foreach (var path in Issuance.Server.Paths($"{Api}/challenges/"))
            table.Put("ns", path.Split('/')[^1], Issuance.Server.Find(path)!);
        if (type == "http-01")
            return table.KeyFor(token)?.StartsWith(token + ".", StringComparison.Ordinal) == true;
        var server = System.Net.IPAddress.TryParse(name, out var address) ? Sealock.Acme.Challenges.TlsAlpn01Answer.ReverseName(address) : name;
        return table.CertificateFor(server)?.Certificate.Names.Any(other => other.Text == name) == true;
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
        where T : class, IObjectView => Issuance.Server.Paths($"{Api}/{plural}/").Select(path => Find(path, view)).OfType<T>();

    private T? Find<T>(string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> view)
        where T : class => Issuance.Server.Find(path) is JsonObject found ? found.Deserialize(view) : null;
}
