// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Sealock.Api.Client;
using Sealock.Api.Security;
using Sealock.Settings;

namespace Sealock.Hosting;

internal sealed class ServerControllers : IAsyncDisposable
{
    public static ServerControllers Start(
        ServerSettings settings, ServingCertificates serving, DataFolder folder, Func<UserInfo, ApiClient> client, TimeProvider clock,
        ILoggerFactory logs) => new();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
