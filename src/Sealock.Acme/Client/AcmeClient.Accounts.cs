// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json;
using Sealock.Acme.Jose;
using Sealock.Acme.Messages;

namespace Sealock.Acme.Client;

/// <summary>Accounts (RFC 8555 section 7.3).</summary>
public sealed partial class AcmeClient
{
    private const string AccountPhrase = "the account";

    /// <summary>
    /// Makes the account of a key, or finds the one it has: safe to repeat. <see cref="AcmeAccountFacts.Url"/> is the account's
    /// name from then on.
    /// </summary>
    /// <param name="key">The account's key.</param>
    /// <param name="request">Contact, agreement, external account.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<AcmeResult<AcmeAccountFacts>> NewAccountAsync(
        AccountKey key, AcmeAccountRequest request, CancellationToken cancellationToken = default)
    {
        var (_, url, failure) = await FindAsync(d => d.NewAccount, "accounts", cancellationToken);
        if (url is null)
            return AcmeResult<AcmeAccountFacts>.Failed(failure!);
        var payload = Payload(new(
            request.AgreesToTerms ? true : null,
            request.Contact.Count > 0 ? request.Contact : null,
            request.OnlyExisting ? true : null,
            request.ExternalAccount is { } external ? JsonElement.Parse(external.Bind(key, url.AbsoluteUri)) : null),
            AcmeJson.Default.NewAccountPayload);
        var outcome = await SendAsync(
            url, nonce => Jws.Sign(key.Signer, JwsHeader.Write(key.Algorithm, key.Jwk, keyId: null, nonce, url.AbsoluteUri), payload),
            AccountPhrase, mayRepeat: true, cancellationToken);
        return Read(outcome, AcmeJson.Default.AcmeAccountFacts, AccountPhrase, (facts, answer) =>
            answer.Location is { } location ? facts with { Url = location.AbsoluteUri, IsNew = answer.Status == 201 } : null);
    }

    /// <summary>Reads the account.</summary>
    public async Task<AcmeResult<AcmeAccountFacts>> GetAccountAsync(AcmeAccount account, CancellationToken cancellationToken = default) =>
        AccountIn(await PostAsync(account, account.Url, default, AccountPhrase, mayRepeat: true, cancellationToken), account);

    /// <summary>Replaces the account's contact, as URLs; none to leave no contact.</summary>
    public Task<AcmeResult<AcmeAccountFacts>> UpdateAccountAsync(
        AcmeAccount account, IReadOnlyList<string> contact, CancellationToken cancellationToken = default) =>
        ChangeAccountAsync(account, new(contact, null, null), "the account's contact", cancellationToken);

    /// <summary>Agrees to terms of service that have changed.</summary>
    public Task<AcmeResult<AcmeAccountFacts>> AgreeToTermsAsync(AcmeAccount account, CancellationToken cancellationToken = default) =>
        ChangeAccountAsync(account, new(null, null, true), "the terms of service", cancellationToken);

    /// <summary>Gives the account up for good: the server accepts nothing from it afterwards.</summary>
    public Task<AcmeResult<AcmeAccountFacts>> DeactivateAccountAsync(AcmeAccount account, CancellationToken cancellationToken = default) =>
        ChangeAccountAsync(account, new(null, AcmeStatus.Deactivated, null), "the account's deactivation", cancellationToken);

    /// <summary>
    /// Replaces the account's key (RFC 8555 section 7.3.5). After a failure that is transient it is not known which key the
    /// account has: keep both, and ask with <see cref="AcmeAccountRequest.OnlyExisting"/>.
    /// </summary>
    /// <returns>The account with its new key.</returns>
    public async Task<AcmeResult<AcmeAccount>> ChangeKeyAsync(
        AcmeAccount account, AccountKey newKey, CancellationToken cancellationToken = default)
    {
        var (_, url, failure) = await FindAsync(d => d.KeyChange, "the change of account keys", cancellationToken);
        if (url is null)
            return AcmeResult<AcmeAccount>.Failed(failure!);
        var inner = Jws.Sign(
            newKey.Signer,
            JwsHeader.Write(newKey.Algorithm, newKey.Jwk, keyId: null, nonce: null, url.AbsoluteUri),
            Payload(new(account.Url, JsonElement.Parse(Encoding.ASCII.GetBytes(account.Key.Jwk))), AcmeJson.Default.KeyChangePayload));
        var outcome = await PostAsync(account, url, inner, "the new account key", mayRepeat: false, cancellationToken);
        return outcome.Failure is { } refusal
            ? AcmeResult<AcmeAccount>.Failed(refusal)
            : AcmeResult<AcmeAccount>.Of(account with { Key = newKey });
    }

    /// <summary>
    /// The URLs of the account's orders, newest last where the server keeps their order, at most <paramref name="most"/>: to find
    /// one whose URL was lost. <see cref="AcmeFailureKind.NotOffered"/> where the server does not list them, as many do not.
    /// </summary>
    public async Task<AcmeResult<IReadOnlyList<string>>> ListOrdersAsync(
        AcmeAccount account, int most = 100, CancellationToken cancellationToken = default)
    {
        const string What = "the list of orders";
        const int MostPages = 20;
        var facts = await GetAccountAsync(account, cancellationToken);
        if (!facts.IsOk)
            return AcmeResult<IReadOnlyList<string>>.Failed(facts.Failure);
        if (!AcmeUrl.TryParse(facts.Value.Orders, out var page))
            return AcmeResult<IReadOnlyList<string>>.Failed(new(AcmeFailureKind.NotOffered, $"{DirectoryUrl.Authority} does not list an account's orders"));
        var orders = new List<string>();
        for (var pages = 0; page is not null && pages < MostPages && orders.Count < most; pages++)
        {
            var outcome = await PostAsync(account, page, default, What, mayRepeat: true, cancellationToken);
            var list = Read(outcome, AcmeJson.Default.OrderListPage, What, (found, _) => found);
            if (!list.IsOk)
            {
                // Servers that name the list without having it say so only here.
                return AcmeResult<IReadOnlyList<string>>.Failed(list.Failure.IsNotFound || list.Failure.Status == 405
                    ? list.Failure with { Kind = AcmeFailureKind.NotOffered }
                    : list.Failure);
            }

            orders.AddRange(list.Value.Orders.Where(order => AcmeUrl.TryParse(order, out _)).Take(most - orders.Count));
            page = outcome.Answer!.LinksTo("next") is [var next, ..] ? next : null;
        }

        return AcmeResult<IReadOnlyList<string>>.Of(orders);
    }

    private async Task<AcmeResult<AcmeAccountFacts>> ChangeAccountAsync(
        AcmeAccount account, AccountUpdatePayload change, string what, CancellationToken cancellationToken) => AccountIn(
            await PostAsync(account, account.Url, Payload(change, AcmeJson.Default.AccountUpdatePayload), what, mayRepeat: true, cancellationToken),
            account);

    private static AcmeResult<AcmeAccountFacts> AccountIn(AcmeTransport.Outcome outcome, AcmeAccount account) =>
        Read(outcome, AcmeJson.Default.AcmeAccountFacts, AccountPhrase, (facts, _) => facts with { Url = account.Url });
}
