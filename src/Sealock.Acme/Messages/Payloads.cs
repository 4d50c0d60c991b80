// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;

namespace Sealock.Acme.Messages;

/// <summary>What a client sends; nulls are left out.</summary>
internal sealed record NewAccountPayload(
    bool? TermsOfServiceAgreed, IReadOnlyList<string>? Contact, bool? OnlyReturnExisting, JsonElement? ExternalAccountBinding);

internal sealed record AccountUpdatePayload(IReadOnlyList<string>? Contact, string? Status, bool? TermsOfServiceAgreed);

internal sealed record NewOrderPayload(
    IReadOnlyList<AcmeIdentifier> Identifiers, string? NotBefore, string? NotAfter, string? Profile, string? Replaces);

internal sealed record FinalizePayload(string Csr);

internal sealed record StatusPayload(string Status);

internal sealed record KeyChangePayload(string Account, JsonElement OldKey);

internal sealed record RevocationPayload(string Certificate, int? Reason);

internal sealed record EmptyPayload;
