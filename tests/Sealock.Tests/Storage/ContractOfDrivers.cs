// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Tests.Storage;

public sealed class MemoryStoreContractTests : StoreContractTests<MemoryDriver>;

public sealed class MemoryStoreWatchContractTests : StoreWatchContractTests<MemoryDriver>;

public sealed class SqliteStoreContractTests : StoreContractTests<SqliteDriver>;

public sealed class SqliteStoreWatchContractTests : StoreWatchContractTests<SqliteDriver>;
