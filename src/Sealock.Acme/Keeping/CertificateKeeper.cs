// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using Sealock.Acme.Client;
using Sealock.Acme.Dns;
using Sealock.Acme.Issuance;
using Sealock.Acme.Messages;
using Sealock.Acme.Orders;
using Sealock.Pki.Certificates;
using Sealock.Pki.Requests;

namespace Sealock.Acme.Keeping;

/// <summary>
/// Makes sure that a kept certificate is there and not due: what does nothing when run again at once, and goes on where it was
/// cut off.
/// </summary>
/// <param name="kept">The certificate's folder, which the caller has locked.</param>
/// <param name="settings">How it is to be had.</param>
/// <param name="client">The server.</param>
/// <param name="account">The account there.</param>
/// <param name="request">What a new account is asked for with, where there is none yet.</param>
/// <param name="clock">The clock.</param>
/// <param name="progress">Is told what happens, in one line each.</param>
public sealed class CertificateKeeper(
    KeptCertificate kept, CertificateSettings settings, AcmeClient client, KeptAccount account, AcmeAccountRequest request, TimeProvider clock,
    Action<string> progress)
{
    /// <summary>A limited server that names no time is left alone for so long at least.</summary>
    private static readonly TimeSpan AfterLimit = TimeSpan.FromMinutes(5);

    /// <summary>Looks, and issues where it is due.</summary>
    /// <param name="force">Issues whether it is due or not, and how often it failed.</param>
    /// <param name="patient">After failures, waits as long as is right for what is left of the lifetime.</param>
    /// <param name="dryRun">Only tells.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="KeepingException">A kept file cannot be used.</exception>
    public async Task<KeepOutcome> RunAsync(bool force, bool patient, bool dryRun, CancellationToken cancellationToken)
    {
        var leaf = kept.Leaf;
        var key = kept.SettleKey(leaf);
        var state = await LookAsync(leaf, cancellationToken);
        if (state.ReloadPending && !dryRun && await ReloadAsync(state, cancellationToken) is { } problem)
            progress(problem);
        var now = clock.GetUtcNow();
        var names = settings.Names.Select(name => AcmeIdentifier.Parse(name).Value).ToList();
        var suggested = leaf is not null && state.Window is { } window ? RenewalTiming.Choose(window, leaf, state.Random) : null;
        var need = RenewalNeed.Decide(leaf, key, names, settings.KeyType, suggested, now);
        var reason = need.Reason ?? (force ? "it was asked for" : null);
        if (reason is null)
        {
            if ((state.Failures > 0 || state.LastFailure is not null) && !dryRun)
                kept.State = kept.State with { Failures = 0, LastFailure = null, NextTry = null };
            return new KeepOutcome.Kept(leaf!, need.DueAt, state.Explanation);
        }

        if (state.NotBefore is { } until && until > now)
            return new KeepOutcome.Limited($"{state.NotBeforeReason} (told before; the server is not asked again until then)", until);
        if (patient && !force && state.NextTry is { } next && next > now)
            return new KeepOutcome.Waiting(state.Failures, state.LastFailure ?? "", next);
        if (dryRun)
            return new KeepOutcome.Due(reason);
        progress($"{settings.Names[0]}: {reason}");
        try
        {
            return await IssueAsync(need.IsReplacement ? leaf : null, reason, cancellationToken);
        }
        catch (KeepingException fault)
        {
            // Nobody was bothered: it is remembered, and tried again the next time, without a growing wait.
            kept.State = (kept.State.Server == settings.Server ? kept.State : state) with { Server = settings.Server, LastFailure = fault.Message };
            return new KeepOutcome.Failed(fault.Message);
        }
    }

    /// <summary>What is known of the renewal, with the CA's suggestion where it is time to ask for it.</summary>
    private async Task<RenewalState> LookAsync(Certificate? leaf, CancellationToken cancellationToken)
    {
        var state = kept.State;
        if (state.Server != settings.Server)
            state = new() { Server = settings.Server, ReloadPending = state.ReloadPending };
        if (state.Certificate != leaf?.Sha256Hex)
            state = state with { Certificate = leaf?.Sha256Hex, Random = NewRandom(), Window = null, Explanation = null, NextPoll = null };
        var now = clock.GetUtcNow();
        if (leaf is null || now >= leaf.NotAfter || state.NextPoll > now || RenewalTiming.CertificateId(leaf) is not { } id)
            return state;
        var info = await client.GetRenewalInfoAsync(id, cancellationToken);
        state = state with { NextPoll = RenewalTiming.NextPoll(now, info.IsOk ? info.AskAgainAt : info.Failure.RetryAt) };
        if (info.IsOk)
        {
            var (window, explanation) = (info.Value.SuggestedWindow, info.Value.ExplanationURL);
            state = state with { Window = window, Explanation = explanation.Length > 0 ? explanation : null };
        }
        else if (info.Failure.Kind != AcmeFailureKind.NotOffered)
        {
            progress($"{info.Failure.Message}; the last suggestion, or two thirds of the lifetime, count");
        }

        kept.State = state;
        return state;
    }

    private async Task<KeepOutcome> IssueAsync(Certificate? replaced, string reason, CancellationToken cancellationToken)
    {
        // Orders, failures and waits are one server's.
        if (kept.State is var standing && standing.Server != settings.Server)
            kept.State = new() { Server = settings.Server, ReloadPending = standing.ReloadPending };
        // What this machine lacks is told before anybody is asked.
        var resolver = Resolver();
        using var key = kept.NextKey(settings.KeyType);
        await using var solvers = await SolverSet.OpenAsync(settings, resolver, clock);
        var who = await account.GetAsync(request, cancellationToken: cancellationToken);
        if (!who.IsOk)
            return Refused(AcmeIssuance.OutcomeOf(who.Failure));
        var directory = await client.GetDirectoryAsync(cancellationToken);
        var identifiers = settings.Names.Select(AcmeIdentifier.Parse).Distinct().ToList();
        var wanted = new CertificateOrder
        {
            Order = new()
            {
                Identifiers = identifiers,
                Profile = settings.Profile,
                NotAfter = settings.Days is { } days ? clock.GetUtcNow().AddDays(days) : null,
                Replaces = replaced is not null && directory.Value?.RenewalInfo.Length > 0 ? RenewalTiming.CertificateId(replaced) : null,
            },
            Request = CertificateSigningRequest.Create(
                key, DistinguishedName.Empty, SubjectAlternativeNames.ForHosts(identifiers.Select(identifier => identifier.Value))),
            PreferredChain = settings.PreferredChain,
            KnownOrder = kept.State.Order,
            Ordered = url => kept.State = kept.State with { Order = url, Server = settings.Server },
        };
        var outcome = await OrderAsync(who.Value, wanted);
        if (outcome is IssuanceOutcome.Failed { Failure: { } failure } && failure.Is(ProblemKinds.AccountDoesNotExist))
        {
            progress("the server does not know the account (any more): registering its key again");
            who = await account.GetAsync(request, fresh: true, cancellationToken);
            outcome = who.IsOk
                ? await OrderAsync(who.Value, wanted with { KnownOrder = null })
                : AcmeIssuance.OutcomeOf(who.Failure);
        }

        return outcome is IssuanceOutcome.Issued issued
            ? await InstallAsync(issued, reason, cancellationToken)
            : Refused(outcome);

        Task<IssuanceOutcome> OrderAsync(AcmeAccount orderer, CertificateOrder order) => new AcmeIssuance(client, orderer, solvers.Solvers, resolver, clock, new()
        {
            CheckCaa = !settings.NoCaaCheck,
            Deadline = TimeSpan.FromSeconds(settings.TimeoutSeconds),
            Progress = progress,
        }).RunAsync(order, cancellationToken);
    }

    private DnsResolver Resolver()
    {
        var servers = new List<System.Net.IPEndPoint>();
        foreach (var text in settings.Resolvers)
        {
            servers.Add(DnsResolver.TryParseServer(text, out var server)
                ? server
                : throw new KeepingException($"'{text}' is no DNS server: give an address, such as 192.0.2.53 or [2001:db8::53]:5353"));
        }

        return new(servers.Count > 0 ? servers : DnsResolver.SystemServers(), clock);
    }

    private async Task<KeepOutcome> InstallAsync(IssuanceOutcome.Issued issued, string reason, CancellationToken cancellationToken)
    {
        kept.Install(issued.Chain);
        var state = new RenewalState
        {
            Server = settings.Server,
            Certificate = issued.Chain.Leaf.Sha256Hex,
            Random = NewRandom(),
            ReloadPending = settings.ReloadCommand is not null,
        };
        kept.State = state;
        var problem = state.ReloadPending ? await ReloadAsync(state, cancellationToken) : null;
        return new KeepOutcome.Issued(issued.Chain.Leaf, reason, problem is null ? issued.LeftBehind : [.. issued.LeftBehind, problem]);
    }

    private async Task<string?> ReloadAsync(RenewalState state, CancellationToken cancellationToken)
    {
        if (settings.ReloadCommand is { } command
            && await Reload.RunAsync(command, kept, settings.Names, clock, cancellationToken) is { } problem)
            return $"{problem}; it is run again the next time";
        kept.State = state with { ReloadPending = false };
        return null;
    }

    private KeepOutcome Refused(IssuanceOutcome outcome)
    {
        var (message, until, isLimit) = outcome is IssuanceOutcome.RateLimited limited
            ? (limited.Message, limited.Until, true)
            : (((IssuanceOutcome.Failed)outcome).Message, ((IssuanceOutcome.Failed)outcome).Failure?.RetryAt, false);
        var state = kept.State;
        var now = clock.GetUtcNow();
        var next = RetryBudget.RetryAt(
            now, state.Failures + 1, kept.Leaf?.NotAfter, until ?? (isLimit ? now + AfterLimit : null), NewRandom());
        kept.State = state with
        {
            Server = settings.Server,
            Failures = state.Failures + 1,
            LastFailure = message,
            NextTry = next,
            NotBefore = until,
            NotBeforeReason = until is null ? null : message,
        };
        return isLimit ? new KeepOutcome.Limited(message, until ?? next) : new KeepOutcome.Failed(message, next);
    }

    private static double NewRandom() => RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue;
}
