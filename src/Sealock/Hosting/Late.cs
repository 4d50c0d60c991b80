// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Serving;

namespace Sealock.Hosting;

/// <summary>
/// Objects of a server that is about to exist: token authenticators look up service accounts in it, and it needs them
/// to answer token reviews.
/// </summary>
internal sealed class LateObjects : IObjectReader
{
    private IObjectReader? _objects;

    public void Become(IObjectReader objects) => _objects = objects;

    public JsonObject? Find(string group, string plural, string @namespace, string name) =>
        _objects?.Find(group, plural, @namespace, name);
}

/// <summary>The API of a server that is about to exist: what is mounted in the front door asks through it.</summary>
internal sealed class LateApi
{
    private ApiHandler? _handler;

    public void Become(ApiHandler handler) => _handler = handler;

    public ValueTask<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellationToken) =>
        (_handler ?? throw new InvalidOperationException("the server is not there yet"))(request, cancellationToken);
}
