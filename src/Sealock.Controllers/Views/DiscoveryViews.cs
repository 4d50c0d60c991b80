// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Controllers.Views;

/// <summary>The answer of <c>/apis</c>.</summary>
internal sealed record ApiGroupListView
{
    public IReadOnlyList<ApiGroupView> Groups { get => field ?? []; init; }
}

internal sealed record ApiGroupView
{
    public IReadOnlyList<GroupVersionView> Versions { get => field ?? []; init; }

    public GroupVersionView PreferredVersion { get => field ?? new(); init; }
}

internal sealed record GroupVersionView
{
    public string GroupVersion { get => field ?? ""; init; }
}

/// <summary>The answer of <c>/apis/GROUP/VERSION</c>.</summary>
internal sealed record ApiResourceListView
{
    public IReadOnlyList<ApiResourceView> Resources { get => field ?? []; init; }
}

internal sealed record ApiResourceView
{
    public string Name { get => field ?? ""; init; }

    public string Kind { get => field ?? ""; init; }

    public bool Namespaced { get; init; }

    public IReadOnlyList<string> Verbs { get => field ?? []; init; }
}
