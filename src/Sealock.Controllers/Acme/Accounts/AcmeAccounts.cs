// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Acme.Client;
using Sealock.Acme.Jose;
using Sealock.Acme.Messages;
using Sealock.Acme.Orders;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Acme.Views;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Issuance.Issuers;
using Sealock.Controllers.Views;
using Sealock.Pki;

namespace Sealock.Controllers.Acme.Accounts;

/// <summary>An issuer's account, ready for use.</summary>
internal sealed record AcmeSession(AcmeClient Client, AcmeAccount Account, AcmeIssuerView Settings, IssuerView Issuer)
{
    /// <summary>What is shared by all that goes over this issuer.</summary>
    public string Key => Issuer.Metadata.Uid;
}

/// <summary>Registers the accounts of issuers, keeps them in step with the specification, and gives them out.</summary>
internal sealed class AcmeAccounts(ApiClient client, AcmeConnections connections, AccountKeys keys, AccountRollover rollover, AcmeOptions options, TimeProvider time)
{
    private static readonly TimeSpan AfterOutage = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan AfterRefusal = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestRest = TimeSpan.FromHours(24);

    // URLs of accounts that had to be made again, until the issuer's status has them.
    private readonly ConcurrentDictionary<string, (string Hash, string Url)> _found = new(StringComparer.Ordinal);

    // What a server refused is not asked again before its time, however often the issuer is looked at.
    private readonly ConcurrentDictionary<string, (long Generation, DateTimeOffset Until, IssuerCheck Check)> _resting = new(StringComparer.Ordinal);

    /// <summary>Where an issuer's Secrets are.</summary>
    public string NamespaceOf(IssuerView issuer) =>
        issuer.Metadata.Namespace.Length > 0 ? issuer.Metadata.Namespace : options.ClusterResourceNamespace;

    /// <summary>Whether the account stands as it is specified; makes it so where it does not.</summary>
    public async ValueTask<IssuerCheck> CheckAsync(IssuerView issuer, string secretNamespace, CancellationToken cancellationToken)
    {
        if (AcmeIssuerView.Of(issuer) is not { } acme)
            return new(false, AccountReasons.InvalidConfig, "spec.acme cannot be read");
        if (connections.Find(acme, out var problem) is not { } server)
            return new(false, AccountReasons.InvalidConfig, problem);
        var (key, missing) = await keys.ReadAsync(issuer, acme, secretNamespace, mayMake: true, cancellationToken);
        if (key is null)
            return new(false, AccountReasons.VerificationFailed, $"Failed to verify ACME account: {missing}") { LookAgainAfter = AfterOutage };
        var status = AcmeAccountStatusView.Of(issuer);
        var asked = status.Uri.Length > 0 ? AccountRollover.Asked(issuer, key) : null;
        if (asked is null && AccountState.IsRegistered(issuer, acme, status, key.Hash))
            return new(true, AccountReasons.Registered, AccountReasons.RegisteredMessage);
        var uid = issuer.Metadata.Uid;
        if (_resting.TryGetValue(uid, out var rest) && rest.Generation == issuer.Metadata.Generation && rest.Until > time.GetUtcNow())
            return rest.Check with { LookAgainAfter = rest.Until - time.GetUtcNow() };
        var check = asked is null
            ? await RegisterAsync(acme, server, key, secretNamespace, cancellationToken)
            : await RollOverAsync(issuer, acme, server, status.Uri, key, secretNamespace, asked, cancellationToken);
        if (check is { IsReady: false, LookAgainAfter: { } wait })
            _resting[uid] = (issuer.Metadata.Generation, time.GetUtcNow() + wait, check);
        else
            _resting.TryRemove(uid, out _);
        return check;
    }

    /// <summary>The account for use; null, with the reason, where the issuer is not ready.</summary>
    public async ValueTask<(AcmeSession? Session, string Problem)> OpenAsync(IssuerView issuer, CancellationToken cancellationToken)
    {
        if (AcmeIssuerView.Of(issuer) is not { } acme)
            return (null, $"the {issuer.Kind} {issuer.Metadata.Name} has no spec.acme that can be read");
        var status = AcmeAccountStatusView.Of(issuer);
        if (!issuer.IsReady || status.Uri.Length == 0)
            return (null, $"the {issuer.Kind} {issuer.Metadata.Name} is not ready: its account is not registered yet");
        if (connections.Find(acme, out var problem) is not { } server)
            return (null, problem);
        var key = keys.Kept(issuer.Metadata.Uid, status.LastPrivateKeyHash);
        if (key is null)
        {
            (key, var missing) = await keys.ReadAsync(issuer, acme, NamespaceOf(issuer), mayMake: false, cancellationToken);
            if (key is null)
                return (null, missing);
            if (key.Hash != status.LastPrivateKeyHash)
                return (null, $"the {issuer.Kind} {issuer.Metadata.Name} is not registered with its new key yet");
        }

        var url = status.Uri;
        if (_found.TryGetValue(issuer.Metadata.Uid, out var found) && found.Hash == key.Hash)
        {
            if (found.Url == status.Uri)
                _found.TryRemove(issuer.Metadata.Uid, out _);
            url = found.Url;
        }

        return (new AcmeSession(server, new AcmeAccount(key.Key, url), acme, issuer), "");
    }

    /// <summary>
    /// Makes an account again that its server no longer knows, with the key that is there. True where there is an account again.
    /// </summary>
    public async ValueTask<bool> RestoreAsync(AcmeSession session, CancellationToken cancellationToken)
    {
        var status = AcmeAccountStatusView.Of(session.Issuer);
        var (external, problem) = await ExternalAsync(session.Settings, NamespaceOf(session.Issuer), cancellationToken);
        if (problem.Length > 0)
            return false;
        var made = await session.Client.NewAccountAsync(session.Account.Key, Request(session.Settings, external), cancellationToken);
        if (!made.IsOk)
            return false;
        _found[session.Issuer.Metadata.Uid] = (status.LastPrivateKeyHash, made.Value.Url);
        try
        {
            var type = session.Issuer.Metadata.Namespace.Length > 0 ? IssuanceResources.Issuers : IssuanceResources.ClusterIssuers;
            await client.PatchAsync(
                type, session.Issuer.Metadata.Namespace, session.Issuer.Metadata.Name,
                StatusJson.Patch(session.Issuer.Metadata, new JsonObject { ["acme"] = new JsonObject { ["uri"] = made.Value.Url } }),
                PatchKind.Merge, "status", cancellationToken);
        }
        catch (ApiException other) when (other.Code is 404 or 409)
        {
            // The URL is known here; the status follows with a later look.
        }

        return true;
    }

    private async ValueTask<IssuerCheck> RegisterAsync(
        AcmeIssuerView acme, AcmeClient server, IssuerKey key, string @namespace, CancellationToken cancellationToken)
    {
        var (external, problem) = await ExternalAsync(acme, @namespace, cancellationToken);
        if (problem.Length > 0)
            return new(false, AccountReasons.RegistrationFailed, $"Failed to register ACME account: {problem}") { LookAgainAfter = AfterOutage };
        options.FaultPoint?.Invoke("acme.account.register");
        var request = Request(acme, external);
        var account = await server.NewAccountAsync(key.Key, request, cancellationToken);
        if (!account.IsOk)
            return Failed(AccountReasons.RegistrationFailed, "Failed to register ACME account", account.Failure);
        var facts = account.Value;
        if (facts.Status is AcmeStatus.Deactivated or AcmeStatus.Revoked)
        {
            return new(false, AccountReasons.VerificationFailed,
                $"Failed to verify ACME account: it is {facts.Status}; delete the Secret {@namespace}/{acme.PrivateKeySecretRef.Name}, so that another account is made")
            { LookAgainAfter = LongestRest };
        }

        if (!facts.IsNew && !facts.Contact.Order().SequenceEqual(request.Contact.Order()))
        {
            var updated = await server.UpdateAccountAsync(new AcmeAccount(key.Key, facts.Url), request.Contact, cancellationToken);
            if (!updated.IsOk)
                return Failed(AccountReasons.UpdateFailed, "Failed to update ACME account", updated.Failure);
        }

        return Registered(facts, acme, key);
    }

    private async ValueTask<IssuerCheck> RollOverAsync(
        IssuerView issuer, AcmeIssuerView acme, AcmeClient server, string url, IssuerKey key, string @namespace, string asked,
        CancellationToken cancellationToken)
    {
        const string What = "Failed to roll the account's key over";
        var (rolled, problem, failure) = await rollover.RunAsync(
            issuer, acme, server, new AcmeAccount(key.Key, url), key, @namespace, asked, cancellationToken);
        if (failure is not null)
            return Failed(AccountReasons.UpdateFailed, What, failure);
        return rolled is null
            ? new(false, AccountReasons.UpdateFailed, $"{What}: {problem}") { LookAgainAfter = AfterOutage }
            : Registered(new() { Url = url }, acme, rolled);
    }

    private static IssuerCheck Registered(AcmeAccountFacts facts, AcmeIssuerView acme, IssuerKey key) =>
        new(true, AccountReasons.Registered, AccountReasons.RegisteredMessage)
        {
            Status = new JsonObject
            {
                ["acme"] = new JsonObject
                {
                    ["uri"] = facts.Url,
                    ["lastRegisteredEmail"] = acme.Email.Length > 0 ? acme.Email : null,
                    ["lastPrivateKeyHash"] = key.Hash,
                },
            },
        };

    private IssuerCheck Failed(string reason, string what, AcmeFailure failure)
    {
        var rest = NextTry.After(failure, 0, time.GetUtcNow(), failure.IsTransient ? AfterOutage : AfterRefusal);
        return new(false, reason, $"{what}: {Remedies.Tell(failure.Message, failure.Problem)}; {NextTry.Tell(time.GetUtcNow() + rest)}")
        {
            LookAgainAfter = rest,
        };
    }

    private static AcmeAccountRequest Request(AcmeIssuerView acme, ExternalAccount? external) => new()
    {
        Contact = acme.Email.Length > 0 ? [$"mailto:{acme.Email}"] : [],
        AgreesToTerms = true,
        ExternalAccount = external,
    };

    private async ValueTask<(ExternalAccount? Account, string Problem)> ExternalAsync(
        AcmeIssuerView acme, string @namespace, CancellationToken cancellationToken)
    {
        if (acme.ExternalAccountBinding is not { } binding)
            return (null, "");
        var place = $"{@namespace}/{binding.KeySecretRef.Name}";
        if (await client.FindAsync(ResourceTypes.Secrets, @namespace, binding.KeySecretRef.Name, cancellationToken) is not { } secret)
            return (null, $"the Secret {place} with the external account's key is not there");
        if (secret.Data.GetValueOrDefault(binding.KeySecretRef.Key) is not { Length: > 0 } bytes)
            return (null, $"the Secret {place} has no entry '{binding.KeySecretRef.Key}' with the external account's key");
        try
        {
            return (new ExternalAccount(binding.KeyId, Encoding.UTF8.GetString(bytes)), "");
        }
        catch (PkiFormatException fault)
        {
            return (null, $"the external account's key in the Secret {place} cannot be used: {fault.Message}");
        }
    }
}
