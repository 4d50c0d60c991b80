// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Api.Serving.Verbs;

/// <summary>Deletes what a list would show, and answers with that list.</summary>
internal sealed class DeleteCollectionVerb(ServerCore core, ListVerb list, DeleteVerb delete)
{
    // Enough for the store to commit several deletions together.
    private const int Parallelism = 16;

    /// <summary>Answers.</summary>
    public async ValueTask<ApiResponse> HandleAsync(RequestScope scope, CancellationToken cancellationToken)
    {
        var format = Negotiation.Choose(scope.Request);
        var listOptions = ListOptions.Read(scope, watch: false);
        var options = DeleteOptions.Read(scope.Request);
        var page = await list.SelectAsync(scope, listOptions, cancellationToken);
        var limits = new ParallelOptions
        {
            MaxDegreeOfParallelism = Parallelism,
            CancellationToken = cancellationToken,
        };

        // An object that goes on its own meanwhile is as good as deleted.
        await Parallel.ForEachAsync(
            page.Items,
            limits,
            async (item, cancel) => _ = await delete.DeleteAsync(scope, item.Name, options, cancel));
        return Answers.List(scope, page, format, core.Clock);
    }
}
