// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Api.Definitions;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Revocation;
using Sealock.Controllers.Revocation.Definitions;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Revocation;
using Sealock.Tests.Serving;

namespace Sealock.Tests.Revocation;

/// <summary>The kinds of revocation on an API server of our own, and the loops on it when they are started.</summary>
internal sealed class RevocationBench : IAsyncDisposable
{
    public const string Certificates = "/apis/sealock.dev/v1/certificaterevocations";
    public const string Access = "/apis/sealock.dev/v1/accessrevocations";
    public const string Lists = "/apis/sealock.dev/v1/revocationlists";

    private readonly List<(LoopSet Loops, CancellationTokenSource Stop, Task Run)> _running = [];

    private RevocationBench(TestServer server) => Server = server;

    public TestServer Server { get; }

    public List<ObjectChange> Observed { get; } = [];

    public DateTimeOffset Now => Server.Clock.GetUtcNow();

    public static async Task<RevocationBench> StartAsync()
    {
        RevocationBench? bench = null;
        var server = await TestServer.StartAsync(null, [.. RevocationDefinitions.All.Select(definition => definition with
        {
            Observe = change => bench?.Observe(change),
        })]);
        return bench = new RevocationBench(server);
    }

    public CertificateAuthority NewCa(string name = "ca", TimeSpan? lifetime = null) =>
        CertificateAuthority.CreateRoot(name, KeyPair.Generate(), Now, lifetime);

    public Certificate Issue(CertificateAuthority ca, string name, TimeSpan? lifetime = null)
    {
        using var key = KeyPair.Generate();
        return ca.Issue(
            new IssuanceRequest
            {
                Subject = DistinguishedName.Create(name),
                PublicKey = key.PublicKey,
                Profile = CertificateProfile.Client,
                Lifetime = lifetime,
            }, Now).Require();
    }

    public static string NameOf(CertificateAuthority ca, Certificate certificate) =>
        RevocationDefinitions.NameOf(AuthorityKeyId.Of(ca.Certificate), certificate.SerialNumber);

    public static JsonObject Revocation(CertificateAuthority ca, Certificate certificate, string reason = "keyCompromise") => new()
    {
        ["metadata"] = new JsonObject { ["name"] = NameOf(ca, certificate) },
        ["spec"] = new JsonObject
        {
            ["authority"] = new JsonObject { ["keyId"] = AuthorityKeyId.Of(ca.Certificate) },
            ["serialNumber"] = certificate.SerialNumber.ToString(),
            ["reason"] = reason,
            ["notAfter"] = certificate.NotAfter.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
        },
    };

    public async Task<Answer> RevokeAsync(CertificateAuthority ca, Certificate certificate, string reason = "keyCompromise")
    {
        var answer = await Server.SendAsync("POST", Certificates, Revocation(ca, certificate, reason).ToJsonString());
        Assert.True(answer.Status == 201, answer.Text);
        return answer;
    }

    public Task<Answer> ReleaseAsync(CertificateAuthority ca, Certificate certificate) =>
        Server.SendAsync("DELETE", $"{Certificates}/{NameOf(ca, certificate)}");

    /// <summary>Starts the loops; the time is that of the server.</summary>
    public LoopSet Run(CrlAuthorities authorities, Action<string>? faultPoint = null)
    {
        var loops = new LoopSet(Server.Clock, NullLogger.Instance);
        RevocationLoops.AddTo(loops, Server.Client(), authorities, new CrlTimes(), Server.Clock, NullLogger.Instance, faultPoint);
        var stop = new CancellationTokenSource();
        _running.Add((loops, stop, loops.RunAsync(stop.Token)));
        return loops;
    }

    /// <summary>Ends the loops as a crash would: what they had begun is not waited for by anybody else.</summary>
    public async Task StopLoopsAsync()
    {
        foreach (var (loops, stop, run) in _running)
        {
            await stop.CancelAsync();
            await run;
            loops.Dispose();
            stop.Dispose();
        }

        _running.Clear();
    }

    /// <summary>The list that is stored for a CA, once it is as wanted.</summary>
    public async Task<CertificateRevocationList> ListAsync(
        CertificateAuthority ca, Func<CertificateRevocationList, bool> wanted, TimeSpan? step = null)
    {
        await UntilAsync(() => Find(ca) is { } list && wanted(list), step);
        return Find(ca)!;
    }

    /// <summary>Lets the clock go on, 100 ms at a time where nothing else is said, until something is so.</summary>
    public async Task UntilAsync(Func<bool> condition, TimeSpan? step = null)
    {
        for (var attempt = 0; attempt < 4000; attempt++)
        {
            if (condition())
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
            Server.Clock.Advance(step ?? TimeSpan.FromMilliseconds(100));
        }

        throw new TimeoutException("it does not come to be so");
    }

    public CertificateRevocationList? Find(CertificateAuthority ca) =>
        Server.Server.Objects.Find("sealock.dev", "revocationlists", "", AuthorityKeyId.Of(ca.Certificate))?["status"]?["crl"] is { } text
            ? CertificateRevocationList.Parse(Convert.FromBase64String(text.GetValue<string>())) : null;

    public bool Exists(CertificateAuthority ca, Certificate certificate) =>
        Server.Server.Objects.Find("sealock.dev", "certificaterevocations", "", NameOf(ca, certificate)) is not null;

    public async ValueTask DisposeAsync()
    {
        await StopLoopsAsync();
        await Server.DisposeAsync();
    }

    private void Observe(ObjectChange change)
    {
        lock (Observed)
            Observed.Add(change);
    }
}
