// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Serialization;

namespace Sealock.Acme.Messages;

/// <summary>How ACME's messages are written and read: members that are not known here are skipped, depth is bounded.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = 16)]
[JsonSerializable(typeof(AcmeDirectory))]
[JsonSerializable(typeof(AcmeAccountFacts))]
[JsonSerializable(typeof(AcmeOrder))]
[JsonSerializable(typeof(AcmeAuthorization))]
[JsonSerializable(typeof(AcmeChallenge))]
[JsonSerializable(typeof(AcmeProblem))]
[JsonSerializable(typeof(AcmeRenewalInfo))]
[JsonSerializable(typeof(OrderListPage))]
[JsonSerializable(typeof(NewAccountPayload))]
[JsonSerializable(typeof(AccountUpdatePayload))]
[JsonSerializable(typeof(NewOrderPayload))]
[JsonSerializable(typeof(FinalizePayload))]
[JsonSerializable(typeof(StatusPayload))]
[JsonSerializable(typeof(KeyChangePayload))]
[JsonSerializable(typeof(RevocationPayload))]
[JsonSerializable(typeof(EmptyPayload))]
internal sealed partial class AcmeJson : JsonSerializerContext;
