// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Client.Views;
using Sealock.Controllers.Definitions;

namespace Sealock.Controllers.Views;

/// <summary>A CertificateSigningRequest as the loops read it.</summary>
internal sealed record RequestView : IObjectView
{
    public ObjectMetaView Metadata { get => field ?? MetadataView.Nameless; init; }

    public RequestSpecView Spec { get => field ?? new(); init; }

    public RequestStatusView Status { get => field ?? new(); init; }

    public bool IsIssued => Status.Certificate.Length > 0;

    public bool IsDenied => Has(RequestCondition.Denied);

    public bool IsApproved => Has(RequestCondition.Approved) && !IsDenied;

    public bool IsDecided => Has(RequestCondition.Approved) || IsDenied;

    public bool HasFailed => Status.Conditions.Any(condition =>
        condition.Type == RequestCondition.Failed && condition.Status is "" or RequestCondition.True);

    private bool Has(string type) => Status.Conditions.Any(condition => condition.Type == type);
}

internal sealed record RequestSpecView
{
    public byte[] Request { get => field ?? []; init; }

    public string SignerName { get => field ?? ""; init; }

    public int? ExpirationSeconds { get; init; }

    public IReadOnlyList<string> Usages { get => field ?? []; init; }

    public string Username { get => field ?? ""; init; }

    public string Uid { get => field ?? ""; init; }

    public IReadOnlyList<string> Groups { get => field ?? []; init; }

    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Extra { get; init; }
}

internal sealed record RequestStatusView
{
    public IReadOnlyList<ConditionView> Conditions { get => field ?? []; init; }

    public byte[] Certificate { get => field ?? []; init; }
}
