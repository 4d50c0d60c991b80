// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Acme.Client;
using Sealock.Acme.Dns;
using Sealock.Acme.Issuance;
using Sealock.Acme.Jose;
using Sealock.Acme.Messages;
using Sealock.Acme.Solvers;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;
using Sealock.Pki.Paths;
using Sealock.Pki.Requests;

namespace Sealock.EndToEnd.Acme;

/// <summary>A pebble with a DNS of its own, a client that trusts it, and an account.</summary>
internal sealed class AcmeRig : IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly KeyPair _accountKey = KeyPair.Generate();

    private AcmeRig(Pebble pebble, ChallengeDns dns, DelegatingHandler? between)
    {
        (Pebble, Dns) = (pebble, dns);
        var trust = TrustPool.FromPem(pebble.Ca);
        HttpMessageHandler handler = AcmeHttp.CreateHandler(() => trust, TimeProvider.System);
        if (between is not null)
        {
            between.InnerHandler = handler;
            handler = between;
        }

        _http = new(handler);
        Client = new(new Uri(pebble.Directory), _http, TimeProvider.System);
        Resolver = new([IPEndPoint.Parse(dns.Address)], TimeProvider.System);
    }

    public Pebble Pebble { get; }

    public ChallengeDns Dns { get; }

    public AcmeClient Client { get; }

    public DnsResolver Resolver { get; }

    public AcmeAccount Account { get; private set; } = null!;

    /// <summary>Everything is started; validation goes to these ports.</summary>
    public static async Task<AcmeRig> StartAsync(
        int httpPort = 80, int tlsPort = 443, PebbleOptions? options = null, ExternalAccount? external = null, string? dnsServer = null,
        DelegatingHandler? between = null)
    {
        var dns = await ChallengeDns.StartAsync();
        var pebble = await Pebble.StartAsync((options ?? new()) with { HttpPort = httpPort, TlsPort = tlsPort, DnsServer = dnsServer ?? dns.Address });
        var rig = new AcmeRig(pebble, dns, between);
        await rig.RegisterAsync(external);
        return rig;
    }

    /// <summary>Makes or finds the account.</summary>
    public async Task RegisterAsync(ExternalAccount? external = null)
    {
        var key = new AccountKey(_accountKey);
        var facts = await Client.NewAccountAsync(key, new() { AgreesToTerms = true, Contact = ["mailto:admin@example.com"], ExternalAccount = external });
        Assert.True(facts.IsOk, facts.Failure?.Message);
        Account = new(key, facts.Value.Url);
    }

    public AcmeIssuance Issuance(params IChallengeSolver[] solvers) => new(
        Client, Account, solvers, Resolver, TimeProvider.System,
        new() { Deadline = TimeSpan.FromMinutes(2), FirstPoll = TimeSpan.FromMilliseconds(100) });

    /// <summary>An order for names, with a key of its own.</summary>
    public static CertificateOrder Order(params string[] names)
    {
        using var key = KeyPair.Generate();
        return Order(key, names);
    }

    /// <summary>An order for names and a key.</summary>
    public static CertificateOrder Order(KeyPair key, params string[] names)
    {
        var identifiers = names.Select(AcmeIdentifier.Parse).ToList();
        return new()
        {
            Order = new() { Identifiers = identifiers },
            Request = CertificateSigningRequest.Create(key, DistinguishedName.Empty, SubjectAlternativeNames.ForHosts(identifiers.Select(i => i.Value))),
        };
    }

    /// <summary>The certificate, which leads to pebble's root and bears exactly the names.</summary>
    public async Task<IssuedChain> IssuedAsync(IssuanceOutcome outcome, params string[] names)
    {
        Assert.True(outcome is IssuanceOutcome.Issued, $"{outcome}");
        var issued = (IssuanceOutcome.Issued)outcome;
        Assert.Empty(issued.LeftBehind);
        Assert.Equal(names.Order(), issued.Chain.Leaf.Names.Select(name => name.Text).Order());
        var root = TrustPool.FromPem(await Pebble.GetRootAsync());
        var verdict = ChainVerifier.Verify(
            issued.Chain.Leaf, [.. issued.Chain.Certificates.Skip(1)], root, new() { At = TimeProvider.System.GetUtcNow() });
        Assert.True(verdict.IsTrusted, verdict.Reason);
        return issued.Chain;
    }

    public async ValueTask DisposeAsync()
    {
        await Pebble.DisposeAsync();
        await Dns.DisposeAsync();
        _http.Dispose();
        _accountKey.Dispose();
    }
}
